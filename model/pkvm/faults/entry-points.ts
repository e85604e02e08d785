import { faultOf } from '../../fault.ts';
import { pageInBlock } from '../block.ts';
import { NEVER_MAPPED, PageState, viewOf, withState } from '../leaf.ts';
import type { PkvmRules } from '../rules.ts';
import { withoutArgumentCheck } from './left-out.ts';
import { facts } from '../../citation.ts';

const fault = faultOf<PkvmRules>();
const callers = facts.pkvm('1.1', 'Callers');

/** What the entry points above the operations did, or may leave out. */
export const entryPointFaults = [
  fault(
    'protected_shared',
    'a protected VM that faults is given a page that the host shares, not one it gives away',
    callers,
    rules => ({
      operationFor: () => 'host_share_guest',
      ...withoutArgumentCheck(rules, 'kind.normal'),
    }),
  ),
  fault(
    'invalidate_protected',
    'invalidation does not ask for a normal VM, and pulls pages from a protected one',
    callers,
    () => ({ mayInvalidate: () => true }),
  ),
  fault('teardown_keeps_normal', 'teardown of a normal VM unmaps nothing', facts.pkvm('5', 'B17'), () => ({
    unmapsAtTeardown: kind => kind !== 'normal',
  })),
  fault(
    'ram_mapped_lazily',
    'a host EPT violation on RAM maps the page, whoever owns it',
    callers,
    ({ mapsLazily }) => ({ mapsLazily: what => what === 'ram' || mapsLazily(what) }),
  ),
  fault(
    'iommu_mapped_lazily',
    "a host EPT violation on the IOMMU's registers maps them for the host",
    callers,
    ({ mapsLazily }) => ({ mapsLazily: what => what === 'iommu' || mapsLazily(what) }),
  ),
];

/** What splitting a large leaf may lose. */
export const splitFaults = [
  fault(
    'annotation_lost',
    'splitting an annotated 2-MByte leaf gives 512 leaves without the annotation',
    facts.pkvm('5', 'B1'),
    ({ splitLeaf }) => ({
      splitLeaf: (pde, index) => (viewOf(pde).isPresent ? splitLeaf(pde, index) : NEVER_MAPPED),
    }),
  ),
  fault(
    'state_lost',
    'splitting a 2-MByte mapping gives 512 leaves in state NOPAGE',
    facts.pkvm('4', 'I12'),
    ({ splitLeaf }) => ({
      splitLeaf: (pde, index) => {
        const leaf = splitLeaf(pde, index);
        return viewOf(pageInBlock(pde, index)).isPresent ? withState(leaf, PageState.PKVM_NOPAGE) : leaf;
      },
    }),
  ),
];
