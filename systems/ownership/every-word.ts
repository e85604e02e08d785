import { Cover, type Covered, type Fork, pathsOf } from '../../checker/forks/index.ts';
import {
  anySet,
  isSameQuestion,
  maskOf,
  type Observed,
  sameWord,
  type Word,
} from '../../model/bits/index.ts';
import {
  type Member,
  memberOf,
  type ObservedMemory,
  observedMemory,
  sizeOf,
} from '../../model/memory/index.ts';
import {
  annotation,
  call,
  type CallOutcome,
  Errno,
  errnoName,
  guestLeaf,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  operationNames,
  PAGE_SIZE,
  PageState,
  PkvmLeaf,
  type PkvmRules,
  PROT_RWX,
  specified,
  withState,
} from '../../model/pkvm/index.ts';

/** The page, the guest and its address that every call is about: ids that no mask confuses with another. */
const [page, gpa, vm] = [0x1_2345_6000n, 0x4_0000n, 0x1_0002];
const ramEnd = 2n ** 40n;

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** What two leaf words say, asked bit by bit and in no words of the model. */
interface Leaves {
  readonly host: Word;
  readonly guest: Word;
  /** The page that the call is about: the one it names, or the one that the guest's leaf maps. */
  readonly page: bigint;
}

const stateOf = (word: Word): number =>
  (anySet(word, 2n ** 56n) ? 1 : 0) + (anySet(word, 2n ** 57n) ? 2 : 0);
const isPresent = (word: Word): boolean => [1n, 2n, 4n].some(bit => anySet(word, bit));
const pageBits = maskOf({ hi: 51, lo: 12 });
const mapsPage = (word: Word, of: bigint): boolean =>
  isPresent(word) &&
  (typeof word === 'bigint'
    ? (word % 2n ** 52n) - (word % 2n ** 12n) === of
    : word.isOneOf(pageBits, [of]));
const isFree = (word: Word): boolean => stateOf(word) === PKVM_NOPAGE && !isPresent(word);

/** What a call may find, so that it goes through, and what it then writes. Seed 004, the state machine. */
interface Expected {
  /** Whether the giver has the page, and the receiver does not. */
  goesThrough(leaves: Leaves): boolean;
  writes(leaves: Leaves): { readonly host?: Word; readonly guest?: Word };
}

const hostHas =
  (state: PageState) =>
  ({ host, page: of }: Leaves): boolean =>
    stateOf(host) === state && mapsPage(host, of);
const guestHas =
  (state: PageState, maps: (guest: Word, of: bigint) => boolean = mapsPage) =>
  ({ guest, page: of }: Leaves): boolean =>
    stateOf(guest) === state && maps(guest, of);
const both =
  (...conditions: readonly ((leaves: Leaves) => boolean)[]) =>
  (leaves: Leaves): boolean =>
    conditions.every(holds => holds(leaves));
const guestIsFree = ({ guest }: Leaves): boolean => isFree(guest);
const hostSaysGuests = ({ host }: Leaves): boolean => sameWord(host, annotation(vm));

const expected: Readonly<Record<OperationName, Expected>> = {
  host_donate_hyp: { goesThrough: hostHas(PKVM_PAGE_OWNED), writes: () => ({ host: annotation(0) }) },
  hyp_donate_host: {
    goesThrough: ({ host }) => sameWord(host, annotation(0)),
    writes: () => ({ host: hostLeaf(page, PKVM_PAGE_OWNED) }),
  },
  host_share_guest: {
    goesThrough: both(hostHas(PKVM_PAGE_OWNED), guestIsFree),
    writes: ({ host }) => ({
      host: withState(host, PKVM_PAGE_SHARED_OWNED),
      guest: guestLeaf(page, PROT_RWX, PKVM_PAGE_SHARED_BORROWED),
    }),
  },
  host_unshare_guest: {
    goesThrough: both(hostHas(PKVM_PAGE_SHARED_OWNED), guestHas(PKVM_PAGE_SHARED_BORROWED)),
    writes: ({ host }) => ({ host: withState(host, PKVM_PAGE_OWNED), guest: NEVER_MAPPED }),
  },
  host_donate_guest: {
    goesThrough: both(hostHas(PKVM_PAGE_OWNED), guestIsFree),
    writes: () => ({ host: annotation(vm), guest: guestLeaf(page, PROT_RWX, PKVM_PAGE_OWNED) }),
  },
  host_undonate_guest: {
    goesThrough: leaves =>
      both(guestHas(PKVM_PAGE_OWNED), hostSaysGuests)(leaves) ||
      both(guestHas(PKVM_PAGE_SHARED_OWNED), hostHas(PKVM_PAGE_SHARED_BORROWED))(leaves),
    writes: () => ({ host: hostLeaf(page, PKVM_PAGE_OWNED), guest: NEVER_MAPPED }),
  },
  guest_share_host: {
    goesThrough: both(guestHas(PKVM_PAGE_OWNED, isPresent), hostSaysGuests),
    writes: ({ guest, page: of }) => ({
      host: hostLeaf(of, PKVM_PAGE_SHARED_BORROWED),
      guest: withState(guest, PKVM_PAGE_SHARED_OWNED),
    }),
  },
  guest_unshare_host: {
    goesThrough: both(guestHas(PKVM_PAGE_SHARED_OWNED, isPresent), hostHas(PKVM_PAGE_SHARED_BORROWED)),
    writes: ({ guest }) => ({ host: annotation(vm), guest: withState(guest, PKVM_PAGE_OWNED) }),
  },
};

const isGuestCall = (name: OperationName): boolean => specified.operations[name].names === 'gpa';

/** What the call must give on these words, whatever they are. */
function shouldGive(name: OperationName, leaves: Leaves): number {
  if (expected[name].goesThrough(leaves)) return 0;
  return isGuestCall(name) && !isPresent(leaves.guest) ? Errno.EINVAL : Errno.EPERM;
}

/** Whether a leaf contradicts itself: a state without a page, a page without a state, an owner that is none. */
function isGarbage(word: Word): boolean {
  if (stateOf(word) !== PKVM_NOPAGE) return !isPresent(word);
  return isPresent(word) || ![0, vm].some(owner => sameWord(word, annotation(owner)));
}

/** In a guest's table nothing is annotated: what maps nothing is free, whatever its other bits. */
const isGarbageInGuest = (word: Word): boolean => (stateOf(word) === PKVM_NOPAGE) === isPresent(word);

const takesGuest = (name: OperationName): boolean => specified.operations[name].names !== 'hpa';

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
