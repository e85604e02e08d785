import { Cover, type Covered } from '../../../checker/forks/index.ts';
import { isSameQuestion, type Word } from '../../../model/bits/index.ts';
import { Eptp, normative, translate, type WalkRules } from '../../../model/ept/index.ts';
import { type Member, memberOf, sizeOf } from '../../../model/memory/index.ts';
import {
  type AccessSentence,
  type AnyOutcome,
  pathSentences,
  type Situation,
} from '../../../properties/walk/index.ts';
import { endingLabel, endingOf } from '../machine-walk.ts';
import { endingOfWalk } from './ending.ts';
import { type Asking, asAskedOf } from './accesses.ts';
import { type Setting, withFields } from './settings.ts';
import { toldOfWords } from './told-words.ts';
import { type WalkPath, walkPaths } from './walk-paths.ts';

/** Something that is not so on some path, with the smallest member of that path. */
export interface Broken {
  readonly what: string;
  readonly setting: string;
  readonly member: Member;
  readonly why: string;
}

/** What was held in one setting. */
export interface Held {
  readonly setting: string;
  readonly covered: Covered;
  /** How many words the longest path reads. */
  readonly words: number;
  /** How many paths end each way. */
  readonly endings: ReadonlyMap<string, number>;
  readonly broken: readonly Broken[];
}

const brokenBy = ({ setting, memory }: WalkPath, what: string, why: string): Broken => ({
  what,
  setting: setting.name,
  member: memberOf(memory, 'smallest'),
  why,
});

/** The machines, told of the same words, end where the walk does. */
function heldByMachines(path: WalkPath): Broken | undefined {
  const { setting, memory, cpu, outcome } = path;
  const label = endingOfWalk(outcome);
  const asking: Asking = {
    mbe: cpu.controls.mbe,
    accessedDirty: () => Eptp.get(cpu.eptp, 'accessedDirty'),
    supervisorShadowStack: () => Eptp.get(cpu.eptp, 'supervisorShadowStack'),
  };
  let broken: Broken | undefined;
  path.refine(
    () => {
      const told = toldOfWords(memory, cpu, setting.access);
      return endingLabel(endingOf(told, asAskedOf(setting.choice, setting.levels, asking)));
    },
    ending => {
      if (ending === label) return;
      broken ??= brokenBy(
        path,
        'ept-walk and spp-walk',
        `the machines end in ${ending}, the walk in ${label}`,
      );
    },
  );
  return broken;
}

function heldBySentence(path: WalkPath, rules: WalkRules, sentence: AccessSentence): Broken | undefined {
  const { memory, cpu, outcome } = path;
  const { access, accesses } = path.setting;
  if (!sentence.isMeant(access)) return undefined;
  const situation: Situation = { memory, cpu, access, rules, accesses };
  let broken: Broken | undefined;
  path.refine(
    () => sentence.holds(situation, outcome),
    holds => {
      if (!holds) broken ??= brokenBy(path, sentence.name, `it ends in ${endingOfWalk(outcome)}`);
    },
  );
  return broken;
}

/** The smallest and the largest member of the path, walked as they are, end as the path does. */
function heldByMembers(path: WalkPath, rules: WalkRules): Broken | undefined {
  const { setting, memory, outcome } = path;
  for (const which of ['smallest', 'largest'] as const) {
    const member = memberOf(memory, which);
    const ended = translate<Word>(
      member.memory,
      withFields(setting.cpu, member.named),
      setting.access,
      rules,
    );
    if (endingOfWalk(ended) !== endingOfWalk(outcome) || !isSameReport(ended, outcome))
      return brokenBy(
        path,
        'the walk itself',
        `the ${which} member of the path ends in ${endingOfWalk(ended)}`,
      );
  }
  return undefined;
}

const isSameReport = (a: AnyOutcome, b: AnyOutcome): boolean =>
  ('qualification' in a ? a.qualification : undefined) ===
    ('qualification' in b ? b.qualification : undefined) &&
  a.walk.length === b.walk.length &&
  a.walk.every(({ address }, i) => address === b.walk[i]?.address) &&
  (a.kind !== 'allowed' || b.kind !== 'allowed' || a.hpa === b.hpa);

/** Holds every sentence and both machines on every path of one setting. At most one broken path each is kept. */
export function holdSetting(
  setting: Setting,
  rules: WalkRules = normative,
  sentences: readonly AccessSentence[] = pathSentences,
): Held {
  const cover = new Cover(isSameQuestion);
  const endings = new Map<string, number>();
  const broken = new Map<string, Broken>();
  const keep = (found: Broken | undefined): void => {
    if (found !== undefined && !broken.has(found.what)) broken.set(found.what, found);
  };
  let words = 0;
  for (const path of walkPaths(setting, rules)) {
    const { memory, outcome } = path;
    const { size, of } = sizeOf(memory);
    cover.add(memory.questions.slice(), size, of);
    words = Math.max(words, memory.words.size);
    const label = endingOfWalk(outcome);
    endings.set(label, (endings.get(label) ?? 0) + 1);
    keep(heldByMembers(path, rules));
    keep(heldByMachines(path));
    for (const sentence of sentences) keep(heldBySentence(path, rules, sentence));
  }
  return { setting: setting.name, covered: cover.finish(), words, endings, broken: [...broken.values()] };
}
