import type { Call } from '../call-context.ts';
import { asked, type Inquiry } from '../check.ts';
import { rangeChecks, whole } from '../checks/arguments.ts';
import { guestLeavesAre, mappedPagesAre } from '../checks/leaves.ts';
import type { Operation } from '../operation.ts';
import { BUG, CountedErrno } from '../outcome.ts';
import { CountedOwner, CountedState } from '../page-state.ts';
import type { Step } from '../step.ts';
import { mapHost, markGuest, markGuestLeaf, markGuestShared, unmapHost } from '../steps.ts';
import { PAGE_SIZE } from '../../tables.ts';
import { runUnits } from './guest.ts';
import { facts } from '../../../citation.ts';

/** What a protected guest asks for itself. facts/pkvm-2026.md 1.3. */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;

/**
 * The pages that a memcache must hold for a guest call over so many pages: a table of each level for all of them, and
 * four at the other end. facts/pkvm-2026.md 1.2, R8: "sum over 5 levels of ceil(n/512^k) + 4".
 */
export function memcacheNeed(pages: bigint): number {
  let need = 4n;
  let covered = pages;
  for (let level = 1; level <= 5; level += 1) {
    covered = (covered + 511n) / 512n;
    need += covered;
  }
  return Number(need);
}

const needOf = ({ size }: Call): number => memcacheNeed(size / PAGE_SIZE);

const memcacheHolds: Inquiry = asked(whole, [
  {
    name: 'memcache.pages',
    answer: CountedErrno.E2BIG,
    rule: 'the memcache of the vCPU holds what splitting could need, even where nothing is split',
    source: facts.pkvm2026('1.2', 'R8'),
    holds: call =>
      call.columns.guestCallMemory !== 'memcache asked first' ||
      call.machine.memcache(call.vm) >= needOf(call),
    found: ({ machine, vm }) => `it holds ${machine.memcache(vm)} pages`,
    needs: needOf,
  },
]);

const asksMemcache = ({ columns }: Call): boolean => columns.guestCallMemory === 'memcache asked first';
const { PKVM_ID_GUEST } = CountedOwner;

const takeBack: readonly Step[] = [
  unmapHost,
  markGuest,
  markGuestLeaf(PKVM_PAGE_OWNED, ({ columns }) => columns.unsharePages, BUG),
];

export const guestShareHost: Operation = {
  name: 'guest_share_host',
  caller: 'guest',
  about: 'a protected guest lets the host use its pages',
  source: facts.pkvm2026('1.3', 'per run: guest leaf SO (split allowed), host map rwx, SB/GUEST'),
  takes: ['vm', 'gpa', 'size'],
  returns: 'error',
  bugIn: '__guest_share_host',
  inquiries: () => [
    rangeChecks('gpa'),
    ...guestLeavesAre(PKVM_PAGE_OWNED),
    ...mappedPagesAre(PKVM_PAGE_NONE, PKVM_ID_GUEST),
    memcacheHolds,
  ],
  units: runUnits,
  steps: call => [
    markGuestLeaf(
      PKVM_PAGE_SHARED_OWNED,
      () => 'pool or memcache',
      asksMemcache(call) ? BUG : CountedErrno.ENOMEM,
    ),
    mapHost,
    markGuestShared,
  ],
  undo: call => (asksMemcache(call) ? undefined : takeBack),
};

export const guestUnshareHost: Operation = {
  name: 'guest_unshare_host',
  caller: 'guest',
  about: 'a protected guest takes back what it let the host use',
  source: facts.pkvm2026('1.3', 'per run: host unmap, NONE/GUEST, then guest leaf OWNED'),
  takes: ['vm', 'gpa', 'size'],
  returns: 'error',
  bugIn: '__guest_unshare_host',
  inquiries: () => [
    rangeChecks('gpa'),
    ...guestLeavesAre(PKVM_PAGE_SHARED_OWNED),
    ...mappedPagesAre(PKVM_PAGE_SHARED_BORROWED, PKVM_ID_GUEST),
    memcacheHolds,
  ],
  units: runUnits,
  steps: () => takeBack,
};
