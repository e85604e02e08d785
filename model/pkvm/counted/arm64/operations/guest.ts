import { Arm64PageState } from '../../../../arm64/index.ts';
import { facts } from '../../../../citation.ts';
import { asked } from '../../check.ts';
import { BUG, CountedErrno } from '../../outcome.ts';
import type { Arm64Call, Arm64Unit } from '../call-context.ts';
import {
  borrowedLeaf,
  executionCanBeSaid,
  guestIsFree,
  guestLeafIs,
  leafUnit,
  mapsRam,
  memcacheHolds,
  ofMapped,
  protIsPlain,
  sizeRule,
  validGuestPage,
} from '../checks/guest.ts';
import {
  allowedMemory,
  type Arm64Page,
  arm64Pages,
  hostIs,
  pfnRange,
  recordCheck,
} from '../checks/memory.ts';
import {
  annotateGuest,
  countGuestShare,
  hostBorrows,
  hostHasNot,
  mapBorrowed,
  mapHostIfGone,
  mapOwned,
  markOwned,
  markShared,
  uncountGuestShare,
  unmapFromGuest,
} from '../steps.ts';
import type { Arm64Operation } from './hyp.ts';

/** What goes between the host and guests. facts/pkvm-2026.md 2.2. */

const { OWNED, SHARED_OWNED, SHARED_BORROWED, NOPAGE } = Arm64PageState;

export const hostDonateGuest: Arm64Operation = {
  name: 'host_donate_guest',
  caller: 'host',
  about: 'the host gives a page to a guest',
  source: facts.pkvm2026('2.2', 'host NOPAGE + annotation(handle,gfn); guest OWNED RWX'),
  takes: ['pfn', 'gfn', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_host_donate_guest',
  inquiries: () => [...hostIs(OWNED), ...guestIsFree, memcacheHolds],
  steps: () => [annotateGuest, hostHasNot, mapOwned],
};

/** Each page is the host's alone, or shared with normal guests already; the count is looked at first. */
const sharable = asked<Arm64Page, Arm64Call, Arm64Unit>(arm64Pages, [
  recordCheck(
    'page.count',
    'the count of shares has room for one more',
    facts.pkvm2026('2.2', 'U32_MAX -EBUSY'),
    ({ host, shareCount }, { columns }) => host !== SHARED_OWNED || shareCount < columns.shareMax,
    CountedErrno.EBUSY,
  ),
  recordCheck(
    'page.host',
    "the page is the host's alone, or shared with guests already",
    facts.pkvm2026('2.2', 'per page OWNED or SO with count>0'),
    ({ host, shareCount }) => host === OWNED || (host === SHARED_OWNED && shareCount > 0),
  ),
]);

export const hostShareGuest: Arm64Operation = {
  name: 'host_share_guest',
  caller: 'host',
  about: 'the host lets a guest use a page or a block; every leaf counts',
  source: facts.pkvm2026('2.2', 'SO, count+1, guest SB'),
  takes: ['pfn', 'gfn', 'nr', 'vm', 'prot'],
  returns: 'error',
  bugIn: '__pkvm_host_share_guest',
  inquiries: call => [
    protIsPlain,
    ...(call.columns.guestMapRights === 'asked first' ? [executionCanBeSaid] : []),
    pfnRange,
    sizeRule(({ phys, ipa }) => [phys, ipa]),
    allowedMemory(),
    ...guestIsFree,
    sharable,
    memcacheHolds,
  ],
  steps: () => [countGuestShare, mapBorrowed],
};

const counted = asked<Arm64Page, Arm64Call, Arm64Unit>(arm64Pages, [
  recordCheck(
    'page.host',
    'the host shares the page',
    facts.pkvm2026('2.2', 'host SO -EPERM; count 0 is asserted'),
    ({ host }) => host === SHARED_OWNED,
  ),
  recordCheck(
    'page.counted',
    'the record counts a share',
    facts.pkvm2026('2.2', 'count 0 is asserted'),
    ({ shareCount }) => shareCount > 0,
    BUG,
  ),
]);

export const hostUnshareGuest: Arm64Operation = {
  name: 'host_unshare_guest',
  caller: 'host',
  about: 'the host takes a page or a block back from a guest',
  source: facts.pkvm2026('2.2', 'count-1, 0 -> OWNED'),
  takes: ['gfn', 'nr', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_host_unshare_guest',
  inquiries: () => [sizeRule(({ ipa }) => [ipa]), ...borrowedLeaf, ...mapsRam, ...ofMapped([counted])],
  units: leafUnit,
  steps: () => [unmapFromGuest, uncountGuestShare],
};

export const guestShareHost: Arm64Operation = {
  name: 'guest_share_host',
  caller: 'guest',
  about: 'a guest lets the host use a page of its own',
  source: facts.pkvm2026('2.2', 'guest SO/OWNED; host SB / NOPAGE + annotation'),
  takes: ['gfn', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_guest_share_host',
  inquiries: () => [...validGuestPage(), ...mapsRam, guestLeafIs(OWNED), ...ofMapped(hostIs(NOPAGE))],
  units: leafUnit,
  steps: () => [markShared, mapHostIfGone, hostBorrows],
};

export const guestUnshareHost: Arm64Operation = {
  name: 'guest_unshare_host',
  caller: 'guest',
  about: 'a guest takes back a page that it let the host use',
  source: facts.pkvm2026('2.2', 'guest SO/OWNED; host SB / NOPAGE + annotation'),
  takes: ['gfn', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_guest_unshare_host',
  inquiries: () => [
    ...validGuestPage(),
    ...mapsRam,
    guestLeafIs(SHARED_OWNED),
    ...ofMapped(hostIs(SHARED_BORROWED)),
  ],
  units: leafUnit,
  steps: () => [annotateGuest, hostHasNot, markOwned],
};
