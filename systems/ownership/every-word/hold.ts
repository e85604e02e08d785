import { Cover, type Covered, type Fork, pathsOf } from '../../../checker/forks/index.ts';
import { isSameQuestion, type Observed, sameWord, type Word } from '../../../model/bits/index.ts';
import {
  type Member,
  memberOf,
  type ObservedMemory,
  observedMemory,
  sizeOf,
} from '../../../model/memory/index.ts';
import {
  call,
  type CallOutcome,
  errnoName,
  type OperationName,
  operationNames,
  PAGE_SIZE,
  PkvmLeaf,
  type PkvmRules,
  specified,
} from '../../../model/pkvm/index.ts';
import {
  type Expected,
  expected,
  gpa,
  isGarbage,
  isGarbageInGuest,
  isGuestCall,
  type Leaves,
  page,
  shouldGive,
  takesGuest,
  vm,
} from './expected.ts';

const ramEnd = 2n ** 40n;

/** The sentences that are held on every path of every call. */
export const callSentences = [
  'a call goes through where the giver has the page and the receiver does not, and nowhere else',
  'a refused call writes nothing and wipes nothing; the others write the words that the seed names',
  'a leaf that contradicts itself is never taken for a page that somebody owns, or for a free one',
  'words that are really there are answered like the path that they are on',
] as const;
type CallSentence = (typeof callSentences)[number];

/** Something that is not so on some path of a call, with the smallest words of that path. */
export interface BrokenCall {
  readonly what: CallSentence;
  readonly why: string;
  readonly words: Member['named'];
}

/** What was held of one call. */
export interface HeldCall {
  readonly name: OperationName;
  readonly covered: Covered;
  readonly words: number;
  /** How many paths end with which result. */
  readonly results: ReadonlyMap<number, number>;
  readonly broken: readonly BrokenCall[];
}

const onTables = <W extends Word>(
  name: OperationName,
  host: (hpa: bigint) => W,
  guest: () => W,
  rules: PkvmRules,
): CallOutcome<W> =>
  call<W>(
    {
      host,
      guest,
      ram: [{ start: 0n, end: ramEnd }],
      vms: [{ id: vm, kind: 'unspecified' }],
      tablePages: 'available',
    },
    name,
    { hpa: page, vm, gpa, size: PAGE_SIZE },
    rules,
  );

const [hostName, guestName] = ['host leaf', 'guest leaf'];

interface CallPath {
  readonly memory: ObservedMemory;
  readonly outcome: CallOutcome<Observed>;
  /** Asks more of the words of this path, once for every answer. */
  refine<R>(run: (leaves: Leaves) => R, see: (result: R) => void): void;
}

/** Every path of a call on leaf words of any content, depth first. */
function* callPaths(name: OperationName, rules: PkvmRules): Generator<CallPath, void, undefined> {
  let ask: Fork = () => 0;
  const paths = pathsOf(fork => {
    const memory = observedMemory(answers => ask(answers));
    ask = fork;
    return {
      memory,
      outcome: onTables(
        name,
        () => memory.named(hostName),
        () => memory.named(guestName),
        rules,
      ),
    };
  });
  for (const { result } of paths) {
    const { memory } = result;
    const leaves: Leaves = {
      get host() {
        return memory.named(hostName);
      },
      get guest() {
        return memory.named(guestName);
      },
      get page() {
        return isGuestCall(name) ? PkvmLeaf.get(memory.named(guestName), 'page') : page;
      },
    };
    yield {
      ...result,
      refine(run, see) {
        const restore = memory.save();
        const refined = pathsOf(fork => {
          ask = fork;
          see(run(leaves));
          restore();
        });
        for (const _ of refined);
      },
    };
  }
}

/** Whether the words that were written are those that must be: each leaf at most once. */
function areWrites(
  { writes }: CallOutcome<Observed>,
  { host, guest }: ReturnType<Expected['writes']>,
): boolean {
  const wanted: readonly (readonly [isHost: boolean, word: Word])[] = [
    ...(host === undefined ? [] : [[true, host] as const]),
    ...(guest === undefined ? [] : [[false, guest] as const]),
  ];
  return (
    writes.length === wanted.length &&
    wanted.every(([isHost, word]) =>
      writes.some(write => (write.table === 'host') === isHost && sameWord(write.after, word)),
    )
  );
}

/** Holds what is said of a call on every path of it, for every content of the leaves that it looks at. */
export function holdCall(name: OperationName, rules: PkvmRules = specified): HeldCall {
  const cover = new Cover(isSameQuestion);
  const results = new Map<number, number>();
  const broken = new Map<CallSentence, BrokenCall>();
  const [onlyThere, writesThat, noGarbage, asTheyAre] = callSentences;
  let words = 0;
  for (const { memory, outcome, refine } of callPaths(name, rules)) {
    const { size, of } = sizeOf(memory);
    cover.add(memory.questions.slice(), size, of);
    words = Math.max(words, memory.words.size);
    results.set(outcome.result, (results.get(outcome.result) ?? 0) + 1);
    const hold = (what: CallSentence, why: string, holds: (leaves: Leaves) => boolean): void =>
      refine(holds, isSo => {
        if (!isSo && !broken.has(what))
          broken.set(what, { what, why, words: memberOf(memory, 'smallest').named });
      });
    const ended = `it returns ${errnoName(outcome.result)}`;
    hold(onlyThere, ended, leaves => shouldGive(name, leaves) === outcome.result);
    if (outcome.result === 0) {
      hold(writesThat, 'it writes other words', leaves =>
        areWrites(outcome, expected[name].writes(leaves)),
      );
      hold(
        noGarbage,
        ended,
        ({ host, guest }) => !isGarbage(host) && (!takesGuest(name) || !isGarbageInGuest(guest)),
      );
    } else {
      hold(writesThat, `${ended} and writes`, () => outcome.writes.length + outcome.wipes.length === 0);
    }
    for (const which of ['smallest', 'largest'] as const) {
      const { named } = memberOf(memory, which);
      const really = onTables(
        name,
        () => named[hostName] ?? 0n,
        () => named[guestName] ?? 0n,
        rules,
      );
      const isSame = really.result === outcome.result && really.writes.length === outcome.writes.length;
      hold(asTheyAre, `the ${which} words give ${errnoName(really.result)}`, () => isSame);
    }
  }
  return { name, covered: cover.finish(), words, results, broken: [...broken.values()] };
}

/** Holds every call. */
export function* proveCalls(rules: PkvmRules = specified): Generator<HeldCall, void, undefined> {
  for (const name of operationNames) yield holdCall(name, rules);
}
