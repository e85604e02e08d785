import { learnRelations, type Relations } from '../checker/index.ts';
import { type Claim, claimsOf } from '../graphs/claims.ts';
import { toPromela } from '../graphs/promela.ts';
import { smtOpinions } from './smt-opinions.ts';
import { systems } from '../systems/all.ts';
import { profileOf, type SystemFamily } from '../systems/index.ts';
import { inFolder } from './command.ts';
import { askSpin, isUnknownCall, opinionSettings, spinIsMissing } from './spin.ts';
import { askTlc, tlcIsMissing } from './tlc.ts';

/** One system that other checkers are asked about. */
interface Question {
  readonly family: SystemFamily;
  readonly profile: string;
  readonly mutant?: string;
}

/** What a checker counted and which claims it saw broken. */
interface Opinion {
  readonly by: string;
  readonly states: number;
  /** Without the initial state, which SPIN and TLC count too. */
  readonly transitions: number;
  readonly broken: ReadonlySet<string>;
  readonly seconds: number;
}

const usage = `usage: second-opinion [--quick] [--mutants N|all] [SYSTEM...]

Exports systems to SPIN (and to TLC where TLA2TOOLS_JAR names its jar) and compares the number of states, the number of
transitions and the verdict on every sentence. All default profiles, and N mutants of each system, evenly spread
(default 8; with --quick the first profile of each system and 2). The obligations of ownership's proof for every size go to\nz3 and cvc5, where they are installed, and under faults that a sentence kills.`;

/** Larger models take SPIN's compiler or TLC's parser longer than anybody waits. */
const MAX_STATES = 500_000;
const MAX_TEXT = { quick: 500_000, whole: 4_000_000 };
const MAX_TRANSITIONS = 30_000_000;

function questions(families: readonly SystemFamily[], isQuick: boolean, mutants: number): Question[] {
  return families.flatMap(family => {
    const profiles = family.profiles.filter(({ isDefault }) => isDefault).slice(0, isQuick ? 1 : undefined);
    const chosen = family.mutants.filter((_, at) =>
      mutants >= family.mutants.length
        ? true
        : Math.floor(((at + 1) * mutants) / family.mutants.length) >
          Math.floor((at * mutants) / family.mutants.length),
    );
    return [
      ...profiles.map(({ name }) => ({ family, profile: name })),
      ...chosen.map(mutant => ({
        family,
        profile: profileOf(family, mutant).name,
        mutant: mutant.name,
      })),
    ];
  });
}

async function learn({ family, profile, mutant }: Question): Promise<Relations> {
  const parameters = family.profiles.find(({ name }) => name === profile)?.parameters ?? {};
  return learnRelations(family.build(parameters, mutant), { maxStates: MAX_STATES });
}

function ours({ found }: Relations, claims: readonly Claim[]): Opinion {
  const broken = new Set(claims.filter(({ isBroken }) => isBroken).map(({ key }) => key));
  const { states, transitions, seconds } = found;
  return { by: 'pagewarden', states, transitions, broken, seconds };
}

const spinSays = (relations: Relations, claims: readonly Claim[], name: string): Promise<Opinion> =>
  inFolder(async folder => {
    const answer = await askSpin(toPromela(relations, name), folder, opinionSettings);
    const broken = [...answer.failed].map(number =>
      isUnknownCall(number) ? 'Known' : (claims[number - 1]?.key ?? `assertion ${number}`),
    );
    if (!answer.isComplete) broken.push('the search was not completed');
    const { states, transitions, search, compile } = answer;
    const seconds = search.wallSeconds + compile.wallSeconds;
    return { by: 'spin', states, transitions: transitions - 1, broken: new Set(broken), seconds };
  });

const tlcSays = (relations: Relations, name: string): Promise<Opinion> =>
  inFolder(async folder => {
    const { states, generated, broken, search } = await askTlc(relations, name, folder);
    return { by: 'tlc', states, transitions: generated - 1, broken, seconds: search.wallSeconds };
  });

/** What two opinions differ in; empty where they agree. */
function differences(one: Opinion, other: Opinion): readonly string[] {
  const only = (a: Opinion, b: Opinion): string[] =>
    [...a.broken].filter(key => !b.broken.has(key)).map(key => `${key} is broken only for ${a.by}`);
  return [
    ...(one.states === other.states ? [] : [`${one.states} states, ${other.by}: ${other.states}`]),
    ...(one.transitions === other.transitions
      ? []
      : [`${one.transitions} transitions, ${other.by}: ${other.transitions}`]),
    ...only(one, other),
    ...only(other, one),
  ];
}

function verdictOf(own: Opinion, other: Opinion): string {
  const differing = differences(own, other);
  return differing.length === 0
    ? `${other.by} agrees (${other.seconds.toFixed(1)} s)`
    : `${other.by} DIFFERS: ${differing.join('; ')}`;
}

const failed =
  (peer: string) =>
  (error: unknown): string =>
    `${peer} FAILED: ${error instanceof Error ? error.message : String(error)}`;

/** Asks everybody, prints one line, and says whether all agree; `undefined` where nobody could be asked. */
async function ask(
  question: Question,
  peers: readonly ('spin' | 'tlc')[],
  maxText: number,
): Promise<boolean | undefined> {
  const { family, profile, mutant } = question;
  const name = `${family.name}/${profile}${mutant === undefined ? '' : ` with ${mutant}`}`;
  const relations = await learn(question);
  const claims = claimsOf(relations);
  const own = ours(relations, claims);
  const tooLarge =
    relations.found.bound !== undefined ||
    own.transitions > MAX_TRANSITIONS ||
    toPromela(relations, name).length > maxText;
  if (tooLarge) {
    console.log(`${name}: too large to be worth the wait, not compared`);
    return undefined;
  }
  const verdicts: string[] = [];
  for (const peer of peers) {
    const opinion = peer === 'spin' ? spinSays(relations, claims, name) : tlcSays(relations, name);
    verdicts.push(await opinion.then(said => verdictOf(own, said), failed(peer)));
  }
  const violated = claims.filter(({ kind, isBroken }) => kind !== 'sometimes' && isBroken).length;
  const reached = claims.filter(({ kind, isBroken }) => kind === 'sometimes' && isBroken).length;
  const counts = `${own.states.toLocaleString('en-US')} states, ${own.transitions.toLocaleString('en-US')} transitions`;
  const held = `${claims.length} sentences: ${violated} violated, ${reached} witnesses reached`;
  console.log(`${name}: ${counts}; ${held}; ${verdicts.join(', ')}`);
  return verdicts.every(verdict => verdict.includes('agrees'));
}

function settingsFrom(args: readonly string[]): {
  families: readonly SystemFamily[];
  isQuick: boolean;
  mutants: number;
} {
  const isQuick = args.includes('--quick');
  const at = args.indexOf('--mutants');
  const wanted = at < 0 ? undefined : args[at + 1];
  const mutants = wanted === 'all' ? Infinity : Number(wanted ?? (isQuick ? 2 : 8));
  const names = args.filter((arg, index) => !arg.startsWith('--') && (at < 0 || index !== at + 1));
  const families = systems.filter(({ name }) => names.length === 0 || names.includes(name));
  const isUsage = args.some(arg => arg.startsWith('--') && !['--quick', '--mutants'].includes(arg));
  if (isUsage || Number.isNaN(mutants) || families.length < names.length) {
    console.error(usage);
    process.exit(1);
  }
  return { families, isQuick, mutants };
}

const { families, isQuick, mutants } = settingsFrom(process.argv.slice(2));
const missing = { spin: spinIsMissing(), tlc: tlcIsMissing() };
if (missing.spin !== undefined) console.log(`SPIN is not asked: ${missing.spin}`);
if (missing.tlc !== undefined) console.log(`TLC is not asked: ${missing.tlc}`);
const peers = (['spin', 'tlc'] as const).filter(peer => missing[peer] === undefined);
const answers: (boolean | undefined)[] = [];
if (peers.length > 0)
  for (const question of questions(families, isQuick, mutants))
    answers.push(await ask(question, peers, isQuick ? MAX_TEXT.quick : MAX_TEXT.whole));
// the proof for every size: systems whose calls do not loop over members
for (const family of families.filter(({ name }) => name === 'ownership'))
  answers.push(...(await smtOpinions(family, isQuick ? 1 : mutants)));
const asked = answers.filter(answer => answer !== undefined);
const agreed = asked.filter(answer => answer);
console.log(`${agreed.length} of ${asked.length} second opinions agree.`);
if (agreed.length < asked.length) process.exitCode = 70;
