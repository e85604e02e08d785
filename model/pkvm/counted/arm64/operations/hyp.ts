import { Arm64PageState } from '../../../../arm64/index.ts';
import { facts } from '../../../../citation.ts';
import type { Operation } from '../../operation.ts';
import { asked } from '../../check.ts';
import { CountedErrno } from '../../outcome.ts';
import type { Arm64Arguments, Arm64Call, Arm64Unit } from '../call-context.ts';
import {
  type Arm64Page,
  arm64Pages,
  hostIs,
  hypIs,
  hypIsUnseen,
  pfnRange,
  recordCheck,
  unused,
} from '../checks/memory.ts';
import {
  annotateHyp,
  type Arm64Step,
  hostHasNot,
  hostOwns,
  hostShares,
  hypBorrows,
  hypHasNot,
  hypOwns,
  mapAtEl2,
  mapHost,
  mapHostIfGone,
  pinPages,
  unmapAtEl2,
  unpinPages,
} from '../steps.ts';

/** What goes between the host, the hypervisor and the secure world. facts/pkvm-2026.md 2.2. */

export type Arm64Operation = Operation<Arm64Call, Arm64Unit, Arm64Arguments>;
const { OWNED, SHARED_OWNED, SHARED_BORROWED, NOPAGE } = Arm64PageState;

/** A call for one page, whatever the recordings say of a number. */
function* onePage({ phys }: Arm64Call): Generator<Arm64Unit> {
  yield { phys, ipa: 0n, size: 0x1000n };
}

const mapsAtOnce = ({ columns }: Arm64Call, step: Arm64Step): readonly Arm64Step[] =>
  columns.sharedIsMapped === 'at once' ? [step] : [];

export const hostShareHyp: Arm64Operation = {
  name: 'host_share_hyp',
  caller: 'host',
  about: 'the host lets the hypervisor use a page; it is not counted',
  source: facts.pkvm2026('2.2', 'host SO, hyp SB, not mapped'),
  takes: ['pfn'],
  returns: 'error',
  bugIn: '__pkvm_host_share_hyp',
  inquiries: () => [...hostIs(OWNED), hypIs(NOPAGE)],
  units: onePage,
  steps: call => [hypBorrows, hostShares, ...mapsAtOnce(call, mapAtEl2)],
};

export const hostUnshareHyp: Arm64Operation = {
  name: 'host_unshare_hyp',
  caller: 'host',
  about: 'the host takes a page back that nothing pins',
  source: facts.pkvm2026('2.2', 'host SO, hyp SB -EPERM; refcount!=0 -EBUSY'),
  takes: ['pfn'],
  returns: 'error',
  bugIn: '__pkvm_host_unshare_hyp',
  inquiries: () => [...hostIs(SHARED_OWNED), hypIs(SHARED_BORROWED), unused],
  units: onePage,
  steps: call => [hypHasNot, hostOwns, ...mapsAtOnce(call, unmapAtEl2)],
};

const pinFits = asked(arm64Pages, [
  recordCheck(
    'page.pins',
    'the count of references has room for one more',
    facts.arm64Record('4', 'F9'),
    ({ refcount }, { columns }) => columns.pinOverflow !== 'EBUSY' || refcount < columns.pinMax,
    CountedErrno.EBUSY,
  ),
]);

export const hypPin: Arm64Operation = {
  name: 'hyp_pin',
  caller: 'hyp',
  about: 'the hypervisor uses shared pages, so that they cannot be unshared meanwhile',
  source: facts.pkvm2026('2.2', 'host SO and hyp SB for all -EPERM'),
  takes: ['pfn', 'nr'],
  returns: 'error',
  bugIn: 'hyp_pin_shared_mem',
  inquiries: () => [...hostIs(SHARED_OWNED), hypIs(SHARED_BORROWED), pinFits],
  steps: () => [pinPages],
};

export const hypUnpin: Arm64Operation = {
  name: 'hyp_unpin',
  caller: 'hyp',
  about: 'the hypervisor no longer uses shared pages',
  source: facts.arm64Record('3', 'first pin maps at EL2, last unpin unmaps'),
  takes: ['pfn', 'nr'],
  returns: 'nothing',
  bugIn: 'hyp_unpin_shared_mem',
  inquiries: () => [],
  steps: () => [unpinPages],
};

export const hostDonateHyp: Arm64Operation = {
  name: 'host_donate_hyp',
  caller: 'host',
  about: 'the host gives pages to the hypervisor',
  source: facts.pkvm2026('2.2', 'hyp state, hyp map, host annotation, each asserted'),
  takes: ['pfn', 'nr'],
  returns: 'error',
  bugIn: '__pkvm_host_donate_hyp',
  inquiries: () => [pfnRange, ...hostIs(OWNED), hypIs(NOPAGE)],
  steps: () => [hypOwns, mapAtEl2, annotateHyp, hostHasNot],
};

export const hypDonateHost: Arm64Operation = {
  name: 'hyp_donate_host',
  caller: 'hyp',
  about: 'the hypervisor gives pages back that nothing uses; they are not wiped',
  source: facts.pkvm2026('2.2', 'hyp NOPAGE, host OWNED; no wipe'),
  takes: ['pfn', 'nr'],
  returns: 'error',
  bugIn: '__pkvm_hyp_donate_host',
  inquiries: () => [pfnRange, hypIsUnseen(OWNED), ...hostIs(NOPAGE), unused],
  steps: () => [hypHasNot, unmapAtEl2, mapHost, hostOwns],
};

/** A share with the secure world leaves no trace but the host's state: whoever else shares the page is not seen. F4. */
const sharedWithNobodyElse = asked<Arm64Page, Arm64Call, Arm64Unit>(arm64Pages, [
  recordCheck(
    'page.ffa',
    'neither the hypervisor nor a guest shares the page',
    facts.arm64Record('4', 'F4'),
    ({ hyp, shareCount }, { columns }) =>
      columns.unshareFfa === 'host state only' || (hyp === NOPAGE && shareCount === 0),
  ),
]);

export const hostShareFfa: Arm64Operation = {
  name: 'host_share_ffa',
  caller: 'host',
  about: 'the host shares pages with the secure world',
  source: facts.pkvm2026('2.2', 'SO / OWNED, nothing else'),
  takes: ['pfn', 'nr'],
  returns: 'error',
  bugIn: '__pkvm_host_share_ffa',
  inquiries: () => [pfnRange, ...hostIs(OWNED)],
  steps: () => [mapHostIfGone, hostShares],
};

export const hostUnshareFfa: Arm64Operation = {
  name: 'host_unshare_ffa',
  caller: 'host',
  about: 'the secure world no longer uses pages of the host',
  source: facts.arm64Record('3', 'state of host only'),
  takes: ['pfn', 'nr'],
  returns: 'error',
  bugIn: '__pkvm_host_unshare_ffa',
  inquiries: () => [pfnRange, ...hostIs(SHARED_OWNED), sharedWithNobodyElse],
  steps: () => [mapHostIfGone, hostOwns],
};
