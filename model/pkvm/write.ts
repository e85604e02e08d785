import type { PageOfCall } from './check.ts';
import { annotation, guestLeaf, hostLeaf, NEVER_MAPPED, PageState, type Prot, withState } from './leaf.ts';
import type { LeafWrite } from './result.ts';

/** One leaf that a step of a call writes. Each is a mutant several times over: left out, or one field wrong. */
export interface StepWrite {
  /** `verb.step.party`. */
  readonly name: string;
  readonly table: 'host' | 'guest';
  /** The fields of the word whose value this step decides. */
  readonly fields: readonly WrittenField[];
  word(page: PageOfCall, prot: Prot): bigint;
}
export type WrittenField = 'pageState' | 'ownerId' | 'page' | 'memoryType' | 'write';

const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

const annotates = (name: string): StepWrite => ({
  name,
  table: 'host',
  fields: ['ownerId', 'pageState'],
  word: ({ vm }) => annotation(vm), // 0, the hypervisor, in calls that name no guest
});
const mapsHost = (name: string, state: PageState): StepWrite => ({
  name,
  table: 'host',
  fields: ['pageState', 'page', 'memoryType'],
  word: ({ hpa }) => hostLeaf(hpa, state),
});
const mapsGuest = (name: string, state: PageState): StepWrite => ({
  name,
  table: 'guest',
  fields: ['pageState', 'page', 'write'],
  word: ({ hpa }, prot) => guestLeaf(hpa, prot, state),
});
const unmapsGuest = (name: string): StepWrite => ({
  name,
  table: 'guest',
  fields: [],
  word: () => NEVER_MAPPED,
});
const marksHost = (name: string, state: PageState): StepWrite => ({
  name,
  table: 'host',
  fields: ['pageState'],
  word: page => withState(page.hostLeaf(), state),
});
const marksGuest = (name: string, state: PageState): StepWrite => ({
  name,
  table: 'guest',
  fields: ['pageState'],
  word: page => withState(page.guestLeaf(), state),
});

/** What the giver's and the receiver's side of each verb write. The hypervisor keeps no state of its own. */
export const donateWrites = {
  initiate: {
    host: annotates('donate.initiate.host'),
    hyp: undefined,
    guest: unmapsGuest('donate.initiate.guest'),
  },
  complete: {
    host: mapsHost('donate.complete.host', PKVM_PAGE_OWNED),
    hyp: undefined,
    guest: mapsGuest('donate.complete.guest', PKVM_PAGE_OWNED),
  },
} as const;

export const shareWrites = {
  initiate: {
    host: marksHost('share.initiate.host', PKVM_PAGE_SHARED_OWNED),
    guest: marksGuest('share.initiate.guest', PKVM_PAGE_SHARED_OWNED),
  },
  complete: {
    guest: mapsGuest('share.complete.guest', PKVM_PAGE_SHARED_BORROWED),
    host: mapsHost('share.complete.host', PKVM_PAGE_SHARED_BORROWED),
  },
} as const;

export const unshareWrites = {
  initiate: {
    host: marksHost('unshare.initiate.host', PKVM_PAGE_OWNED),
    guest: marksGuest('unshare.initiate.guest', PKVM_PAGE_OWNED),
  },
  complete: {
    guest: unmapsGuest('unshare.complete.guest'),
    host: annotates('unshare.complete.host'),
  },
} as const;

/** The write as it lands in its table, for one page. */
export function leafWrite(step: StepWrite, page: PageOfCall, word: bigint): LeafWrite {
  return step.table === 'host'
    ? { table: 'host', address: page.hpa, before: page.hostLeaf(), after: word }
    : { table: page.vm, address: page.gpa, before: page.guestLeaf(), after: word };
}
