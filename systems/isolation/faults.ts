import { type Fault, faultOf, faultTable } from '../../model/fault.ts';
import { type PkvmFaultName, pkvmFaults } from '../../model/pkvm/index.ts';
import type { IsolationRules } from './rules.ts';
import { facts } from '../../model/citation.ts';

const fault = faultOf<IsolationRules>();
const flushing = facts.pkvm('4', 'I8');
const wiping = facts.pkvm('4', 'I9');
const life = facts.pkvm('4', 'I17');

const flushFaults = [
  fault(
    'host_flush_left_out',
    'a host leaf that is unmapped is not flushed from the TLBs',
    flushing,
    ({ flushesTlbs }) => ({ flushesTlbs: stale => stale.table !== 'host' && flushesTlbs(stale) }),
  ),
  fault(
    'guest_flush_left_out',
    'a guest leaf that is unmapped is not flushed from the TLBs',
    flushing,
    ({ flushesTlbs }) => ({ flushesTlbs: stale => stale.table === 'host' && flushesTlbs(stale) }),
  ),
  fault(
    'iotlb_flush_left_out',
    'a host leaf that is unmapped is flushed from the TLBs but not from the IOTLB',
    flushing,
    () => ({ flushesIotlb: () => false }),
  ),
  fault(
    'guest_unshare_forgets_iotlb',
    'guest_unshare_host flushes the TLBs but not the IOTLB',
    facts.pkvm('5', 'B26'),
    ({ flushesIotlb }) => ({
      flushesIotlb: caller => caller.operation !== 'guest_unshare_host' && flushesIotlb(caller),
    }),
  ),
  fault('local_flush_only', 'a flush reaches only the CPU that makes the call', flushing, () => ({
    flushedCpus: ({ cpu }) => [cpu],
  })),
  // whether the leaf was present is asked after it was cleared, so only a table page that is freed flushes
  fault(
    'flush_only_with_table',
    'an unmap flushes only where no other leaf of the same table is mapped',
    facts.pkvm('5', 'B7'),
    ({ flushesTlbs }) => ({
      flushesTlbs: stale => flushesTlbs(stale) && (stale.table === 'host' || !stale.hasSibling()),
    }),
  ),
];

const isTeardown = (operation: string): boolean => operation === 'teardown_guest_page';

const wipeFaults = [
  // only the teardown's caller wipes
  fault(
    'undonate_does_not_wipe',
    'host_undonate_guest gives the page back with what it holds',
    facts.pkvm('5', 'B10'),
    ({ wiped }) => ({
      wiped: (pages, caller) => (isTeardown(caller.operation) ? wiped(pages, caller) : []),
    }),
  ),
  fault(
    'teardown_does_not_wipe',
    'teardown gives the pages of a protected VM back with what they hold',
    wiping,
    ({ wiped }) => ({
      wiped: (pages, caller) => (isTeardown(caller.operation) ? [] : wiped(pages, caller)),
    }),
  ),
  fault(
    'wipe_first_page_only',
    'a range that comes back is wiped on its first page only',
    facts.pkvm('5', 'B22'),
    ({ wiped }) => ({ wiped: (pages, caller) => wiped(pages, caller).slice(0, 1) }),
  ),
];

const pinFaults = [
  fault('donate_ignores_pin', 'a page that is mapped for DMA can be donated', flushing, ({ pinHolds }) => ({
    pinHolds: against => against !== 'donation' && pinHolds(against),
  })),
  fault(
    'unshare_ignores_pin',
    'a guest can unshare a page that the host still maps for DMA',
    facts.pkvm('5', 'B20'),
    ({ pinHolds }) => ({ pinHolds: against => against !== 'unshare' && pinHolds(against) }),
  ),
  fault(
    'unmap_drops_pin_only',
    'unmapping 4 KByte of a larger DMA mapping drops the pin and leaves the mapping',
    facts.pkvm('5', 'B19'),
    () => ({ unmapsUnused: false, flushesUnused: false }),
  ),
  fault('unuse_forgets_iotlb', 'unmapping a page for DMA does not flush the IOTLB', flushing, () => ({
    flushesUnused: false,
  })),
  fault('use_ignores_ownership', 'any page can be mapped for DMA, whoever owns it', flushing, () => ({
    mayUseForDma: () => true,
  })),
];

const lifeFaults = [
  fault(
    'prepopulation_not_flushed',
    'what the fast path of pre-population left in TLBs and IOTLB is never flushed',
    life,
    () => ({ flushesPrepopulated: false }),
  ),
  fault(
    'prepopulation_forgets_iotlb',
    'after pre-population the TLBs are flushed, but not the IOTLB',
    life,
    () => ({ flushesPrepopulatedIotlb: false }),
  ),
  fault(
    'prepopulate_started',
    'the fast path, which does not flush, may be used on a VM that runs already',
    life,
    ({ mayPrepopulate }) => ({
      mayPrepopulate: state => state === 'started' || mayPrepopulate(state),
    }),
  ),
  fault('dying_vm_runs', 'a VM that is being torn down can still be run', life, ({ mayRun }) => ({
    mayRun: state => state === 'dying' || mayRun(state),
  })),
  fault('teardown_while_running', 'a VM can be torn down while a CPU runs it', life, () => ({
    mayTearDown: () => true,
  })),
  fault(
    'finish_with_normal_pages',
    'the teardown of a normal VM is finished although pages are left in the table',
    facts.pkvm('5', 'B17'),
    ({ mayFinish }) => ({
      mayFinish: (kind, hasPages) => kind === 'normal' || mayFinish(kind, hasPages),
    }),
  ),
  fault('finish_with_pages', 'the teardown is finished although pages are left in the table', life, () => ({
    mayFinish: () => true,
  })),
  fault('structures_not_wiped', "a VM's structures are given back with what they hold", life, () => ({
    wipesStructures: false,
  })),
  fault('structures_not_returned', "a VM's structures are not given back", life, () => ({
    returnsStructures: false,
  })),
];

const own = [...flushFaults, ...wipeFaults, ...pinFaults, ...lifeFaults];
export type IsolationFaultName = PkvmFaultName | (typeof own)[number]['name'];

/** Everything that an entry point can do wrong: its operation's faults and its own. */
export const isolationFaults: Readonly<Record<IsolationFaultName, Fault<IsolationRules>>> = {
  ...pkvmFaults,
  ...faultTable(own),
};
