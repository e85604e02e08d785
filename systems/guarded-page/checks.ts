import { partyName } from '../../properties/page-claims.ts';
import { facts, guardedPage, type Source } from '../../model/citation.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { FULL_VECTOR } from '../../model/kvm/index.ts';
import {
  Errno,
  isGuarded,
  OwnerId,
  PageState,
  PkvmLeaf,
  showLeaf,
  viewOf,
  type Vm,
} from '../../model/pkvm/index.ts';
import type { Holder } from './size.ts';

/** What a check of the interface may look at: one guest page, and who asks. */
export interface Asked {
  readonly vm: Vm;
  /** The caller: the hypervisor (0), the host (1) or a guest, by owner id. */
  readonly by: number;
  readonly holder: Holder;
  readonly leaf: bigint;
  readonly l2e: bigint;
  readonly record: number;
}

/** One question asked before a vector is set or a page is shared. */
export interface GuardCheck {
  readonly name: string;
  readonly errno: Errno;
  /** What must be true, as a sentence. */
  readonly rule: string;
  readonly source: Source;
  holds(asked: Asked): boolean;
  /** What was found instead. */
  found(asked: Asked): string;
}

/** The party that holds a guest's interface, by owner id; `undefined` where nobody does. */
export function holderOf(vm: Vm, holder: Holder): number | undefined {
  if (vm.kind === 'normal') return OwnerId.PKVM_ID_HOST;
  return holder === 'nobody' ? undefined : holder === 'guest' ? vm.id : OwnerId.PKVM_ID_HYP;
}

const leafFound = ({ leaf }: Asked): string => `the leaf is ${showLeaf(leaf, 'guest')}`;

/** Asked of SET, in this order: the first that does not hold is the result. */
export const setChecks = [
  {
    name: 'set.holder',
    errno: Errno.EPERM,
    rule: "the caller is the party that holds the guest's interface",
    source: guardedPage('Readings', 'One party holds the interface of a guest'),
    holds: ({ vm, by, holder }) => holderOf(vm, holder) === by,
    found: ({ by }) => `it was ${partyName(by)} that asked`,
  },
  {
    name: 'set.sppt',
    errno: Errno.EINVAL,
    rule: 'the guest has a page for its vectors',
    source: facts.eptSpp('3.2', 'not active -ENODEV'),
    holds: ({ l2e }) => SpptEntry.get(l2e, 'table') !== 0n,
    found: () => 'the SPPT has no last level',
  },
  {
    name: 'set.mapped',
    errno: Errno.EINVAL,
    rule: 'the guest has mapped that gpa',
    source: guardedPage('Readings', 'A vector belongs to a mapping'),
    holds: ({ leaf }) => viewOf(leaf).isPresent,
    found: leafFound,
  },
  {
    name: 'set.exclusive',
    errno: Errno.EPERM,
    rule: 'the page is not shared with the host by the guest',
    source: guardedPage('Readings', 'A guarded page is not shared'),
    holds: ({ leaf }) => viewOf(leaf).pageState !== PageState.PKVM_PAGE_SHARED_OWNED,
    found: leafFound,
  },
  {
    name: 'set.writable',
    errno: Errno.EPERM,
    rule: 'the guest was given the page to write',
    source: guardedPage('Readings', 'A vector takes rights away and never gives one'),
    holds: ({ leaf }) => PkvmLeaf.get(leaf, 'write') || isGuarded(leaf),
    found: leafFound,
  },
] as const satisfies readonly GuardCheck[];
export type SetCheckName = (typeof setChecks)[number]['name'];

/** Asked of guest_share_host, beside what ownership asks. */
export const shareChecks = [
  {
    name: 'share.open',
    errno: Errno.EPERM,
    rule: 'no sub-page of the page is guarded',
    source: guardedPage('Readings', 'A guarded page is not shared'),
    holds: ({ record }) => record === FULL_VECTOR,
    found: ({ record }) => `the vector is 0x${record.toString(16)}`,
  },
] as const satisfies readonly GuardCheck[];
export type ShareCheckName = (typeof shareChecks)[number]['name'];
