import { setBits, type Word } from '../../../model/bits/index.ts';
import {
  normative,
  rulesWith,
  translate,
  type WalkFault,
  type WalkRules,
} from '../../../model/ept/index.ts';
import { type Member, memberOf } from '../../../model/memory/index.ts';
import { type AnyOutcome, isSameWrite, writesOf } from '../../../properties/walk/index.ts';
import { endingOfWalk } from './ending.ts';
import { type Setting, withFields } from './settings.ts';
import { type WalkPath, walkPaths } from './walk-paths.ts';

/** A memory on which a faulty walk is seen to differ from the specification, the smallest of its setting. */
export interface Difference {
  readonly setting: Setting;
  readonly member: Member;
  /** What the specification does there, and what the fault does. */
  readonly specified: AnyOutcome;
  readonly faulty: AnyOutcome;
  /** What of it differs, in words. */
  readonly why: string;
}

/** What came of comparing a fault with the specification, over all words of the settings that were looked at. */
export interface Compared {
  readonly fault: WalkFault;
  /** Where they differ; none where they are equal over all words. */
  readonly difference: Difference | undefined;
  /** How many settings were looked at. */
  readonly settings: number;
}

/**
 * How two outcomes of one access differ in what a processor shows: how it ends, what the exit reports but for what
 * it leaves undefined, what is written, and which byte is reached. Which entry was looked at first is not seen.
 */
function differenceOf(specified: AnyOutcome, faulty: AnyOutcome): string | undefined {
  if (specified.kind !== faulty.kind)
    return `it ends in ${endingOfWalk(faulty)}, not in ${endingOfWalk(specified)}`;
  const undefinedBits = 'undefinedBits' in specified ? specified.undefinedBits : 0n;
  const others = shownBy(faulty, undefinedBits);
  for (const [what, value] of Object.entries(shownBy(specified, undefinedBits))) {
    const found = others[what];
    if (found !== value) return `its ${what} is ${hex(found)}, not ${hex(value)}`;
  }
  return areSameWrites(specified, faulty) ? undefined : 'it writes other words';
}

const withoutBits = (word: bigint, bits: bigint): bigint => word - setBits(word, bits);

const hex = (value: bigint | undefined): string =>
  value === undefined ? 'none' : `0x${value.toString(16)}`;

/** What is seen of an outcome, without these bits of the qualification. */
function shownBy(outcome: AnyOutcome, undefinedBits: bigint): Readonly<Record<string, bigint | undefined>> {
  switch (outcome.kind) {
    case 'allowed': {
      const { hpa, pmlIndexAfter } = outcome;
      return {
        'host-physical address': hpa,
        'PML index': pmlIndexAfter === undefined ? undefined : BigInt(pmlIndexAfter),
      };
    }
    case 'virtualization_exception':
    case 'pml_full':
      return { qualification: withoutBits(outcome.qualification, undefinedBits) };
    case 'ept_violation':
    case 'ept_misconfig':
    case 'spp_miss':
    case 'spp_misconfig':
      return {
        qualification: withoutBits(outcome.qualification, undefinedBits),
        'reported address': outcome.gpaField,
      };
    case 'vmentry_fail':
    case 'unknown':
      return {};
  }
}

function areSameWrites(one: AnyOutcome, other: AnyOutcome): boolean {
  const [some, others] = [writesOf(one), writesOf(other)];
  return (
    some.length === others.length &&
    some.every((write, at) => {
      const same = others[at];
      return same !== undefined && isSameWrite(write, same);
    })
  );
}

/** The member walked as it is, by both: a difference, or none where the path's words stand for more than this one. */
function differenceIn(setting: Setting, member: Member, rules: WalkRules): Difference | undefined {
  const cpu = withFields(setting.cpu, member.named);
  const walked = (by: WalkRules): AnyOutcome => translate<Word>(member.memory, cpu, setting.access, by);
  const [specified, faulty] = [walked(normative), walked(rules)];
  const why = differenceOf(specified, faulty);
  return why === undefined ? undefined : { setting, member, specified, faulty, why };
}

const wordsOf = ({ named, memory }: Member): readonly bigint[] => [
  ...Object.values(named),
  ...memory.words.values(),
];

/** Fewer words are smaller; of as many, the first that differs decides. */
function isSmaller(one: Member, other: Member): boolean {
  const [words, others] = [wordsOf(one), wordsOf(other)];
  if (words.length !== others.length) return words.length < others.length;
  const at = words.findIndex((word, i) => word !== others[i]);
  return at >= 0 && (words[at] ?? 0n) < (others[at] ?? 0n);
}

/** The smallest difference that faulty rules make on the words of one path, or one that is known and smaller. */
export function differenceOn(path: WalkPath, rules: WalkRules, known?: Difference): Difference | undefined {
  const { setting, memory, cpu, outcome } = path;
  let smallest = known;
  const isTooLarge = (): boolean =>
    smallest !== undefined && memory.words.size > wordsOf(smallest.member).length;
  if (isTooLarge()) return smallest;
  path.refine(
    () => differenceOf(outcome, translate<Word>(memory, cpu, setting.access, rules)),
    why => {
      if (why === undefined || isTooLarge()) return;
      for (const which of ['smallest', 'largest'] as const) {
        const found = differenceIn(setting, memberOf(memory, which), rules);
        if (found === undefined) continue;
        if (smallest === undefined || isSmaller(found.member, smallest.member)) smallest = found;
        return;
      }
    },
  );
  return smallest;
}

/**
 * Compares faults with the specification over all words, setting by setting. A fault is told of when it is known: in
 * the first setting in which the two differ, or after the last one. `undefined` after each setting: there a run may
 * be stopped.
 */
export function* compare(
  faults: readonly WalkFault[],
  settings: readonly Setting[],
): Generator<Compared | undefined, void, undefined> {
  let open = faults.map(fault => ({ fault, rules: rulesWith([fault]) }));
  for (const [at, setting] of settings.entries()) {
    const paths = [...walkPaths(setting)];
    const left: typeof open = [];
    for (const one of open) {
      let difference: Difference | undefined;
      for (const path of paths) difference = differenceOn(path, one.rules, difference);
      if (difference === undefined) left.push(one);
      else yield { fault: one.fault, difference, settings: at + 1 };
    }
    open = left;
    if (open.length === 0) return;
    yield undefined;
  }
  for (const { fault } of open) yield { fault, difference: undefined, settings: settings.length };
}
