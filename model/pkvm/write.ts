import type { Word } from '../bits/index.ts';
import type { PageOfCall } from './check.ts';
import { annotation, guestLeaf, hostLeaf, NEVER_MAPPED, PageState, type Prot, withState } from './leaf.ts';
import type { LeafWrite } from './result.ts';

/** One leaf that a step of a call writes. Each is a mutant several times over: left out, or one field wrong. */
export interface StepWrite<N extends string = string, F extends WrittenField = WrittenField> {
  /** `verb.step.party`. */
  readonly name: N;
  readonly table: 'host' | 'guest';
  /** The fields of the word whose value this step decides. */
  readonly fields: readonly F[];
  word<W extends Word>(page: PageOfCall<W>, prot: Prot): W | bigint;
}
export type WrittenField = 'pageState' | 'ownerId' | 'page' | 'memoryType' | 'write';

const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

const annotates = <N extends string>(name: N): StepWrite<N, 'ownerId' | 'pageState'> => ({
  name,
  table: 'host',
  fields: ['ownerId', 'pageState'],
  word: ({ vm }) => annotation(vm), // 0, the hypervisor, in calls that name no guest
});
const mapsHost = <N extends string>(
  name: N,
  state: PageState,
): StepWrite<N, 'pageState' | 'page' | 'memoryType'> => ({
  name,
  table: 'host',
  fields: ['pageState', 'page', 'memoryType'],
  word: ({ hpa }) => hostLeaf(hpa, state),
});
const mapsGuest = <N extends string>(
  name: N,
  state: PageState,
): StepWrite<N, 'pageState' | 'page' | 'write'> => ({
  name,
  table: 'guest',
  fields: ['pageState', 'page', 'write'],
  word: ({ hpa }, prot) => guestLeaf(hpa, prot, state),
});
const unmapsGuest = <N extends string>(name: N): StepWrite<N, never> => ({
  name,
  table: 'guest',
  fields: [],
  word: () => NEVER_MAPPED,
});
const marksHost = <N extends string>(name: N, state: PageState): StepWrite<N, 'pageState'> => ({
  name,
  table: 'host',
  fields: ['pageState'],
  word: page => withState(page.hostLeaf(), state),
});
const marksGuest = <N extends string>(name: N, state: PageState): StepWrite<N, 'pageState'> => ({
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

const { hyp: _, ...donateInitiates } = donateWrites.initiate;
const { hyp: __, ...donateCompletes } = donateWrites.complete;

/** Every write of a leaf, in the order of the verbs. */
export const stepWrites = [
  ...Object.values(donateInitiates),
  ...Object.values(donateCompletes),
  ...Object.values(shareWrites.initiate),
  ...Object.values(shareWrites.complete),
  ...Object.values(unshareWrites.initiate),
  ...Object.values(unshareWrites.complete),
] as const;

/** The write as it lands in its table, for one page. */
export function leafWrite<W extends Word>(
  step: StepWrite,
  page: PageOfCall<W>,
  word: W | bigint,
): LeafWrite<W> {
  return step.table === 'host'
    ? { table: 'host', address: page.hpa, before: page.hostLeaf(), after: word }
    : { table: page.vm, address: page.gpa, before: page.guestLeaf(), after: word };
}
