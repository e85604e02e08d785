import { anySet, maskOf, sameWord, type Word } from '../../../model/bits/index.ts';
import {
  annotation,
  Errno,
  guestLeaf,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  PageState,
  PROT_RWX,
  specified,
  withState,
} from '../../../model/pkvm/index.ts';

/** The page, the guest and its address that every call is about: ids that no mask confuses with another. */
export const [page, gpa, vm] = [0x1_2345_6000n, 0x4_0000n, 0x1_0002];

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** What two leaf words say, asked bit by bit and in no words of the model. */
export interface Leaves {
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
export interface Expected {
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

export const expected: Readonly<Record<OperationName, Expected>> = {
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

export const isGuestCall = (name: OperationName): boolean => specified.operations[name].names === 'gpa';

/** What the call must give on these words, whatever they are. */
export function shouldGive(name: OperationName, leaves: Leaves): number {
  if (expected[name].goesThrough(leaves)) return 0;
  return isGuestCall(name) && !isPresent(leaves.guest) ? Errno.EINVAL : Errno.EPERM;
}

/** Whether a leaf contradicts itself: a state without a page, a page without a state, an owner that is none. */
export function isGarbage(word: Word): boolean {
  if (stateOf(word) !== PKVM_NOPAGE) return !isPresent(word);
  return isPresent(word) || ![0, vm].some(owner => sameWord(word, annotation(owner)));
}

/** In a guest's table nothing is annotated: what maps nothing is free, whatever its other bits. */
export const isGarbageInGuest = (word: Word): boolean =>
  (stateOf(word) === PKVM_NOPAGE) === isPresent(word);

export const takesGuest = (name: OperationName): boolean => specified.operations[name].names !== 'hpa';
