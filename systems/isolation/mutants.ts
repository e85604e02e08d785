import { type Fault, withFaults } from '../../model/fault.ts';
import { writeFaults } from '../../model/pkvm/index.ts';
import type { TriedFault } from '../system.ts';
import { type IsolationFaultName, isolationFaults } from './faults.ts';
import type { IsolationRules } from './rules.ts';
import { facts } from '../../model/citation.ts';

/** A fault of the entry points as the checker tries it. */
export type IsolationMutant = TriedFault<IsolationRules>;

/** The mutants of these faults, each under the fault's own name, in this profile. */
const each = (names: readonly IsolationFaultName[], profile?: string): IsolationMutant[] =>
  names.map(name => ({ ...isolationFaults[name], ...(profile === undefined ? {} : { profile }) }));

/** A bug that real hypervisors had, by its name in the list of them. */
const real = (name: string, part: IsolationFaultName, profile?: string): IsolationMutant[] =>
  each([part], profile).map(mutant => ({ ...mutant, name, source: facts.pkvm('5', name) }));

/** Bugs that real hypervisors had. */
const bugs: readonly IsolationMutant[] = [
  ...real('B1', 'annotation_lost', 'region'),
  ...real('B7', 'flush_only_with_table', '2g'),
  ...real('B9', 'arguments.ram', 'mmio').map(mutant => ({
    ...mutant,
    about: 'an MMIO page is given away like RAM, and would come back write-back',
  })),
  ...real('B10', 'undonate_does_not_wipe'),
  {
    name: 'B17',
    about:
      'teardown of a normal VM unmaps nothing and is finished all the same: its pages stay SHARED_OWNED',
    source: facts.pkvm('5', 'B17'),
    change: rules =>
      withFaults(rules, [isolationFaults.teardown_keeps_normal, isolationFaults.finish_with_normal_pages]),
    profile: 'life',
  },
  ...real('B19', 'unmap_drops_pin_only', 'pins'),
  ...real('B20', 'unshare_ignores_pin', 'pins'),
  ...real('B22', 'wipe_first_page_only', 'region'),
  ...real('B26', 'guest_unshare_forgets_iotlb'),
];

/** One for each thing that the entry points must do. */
const leftOut: readonly IsolationMutant[] = [
  ...each(['host_flush_left_out', 'guest_flush_left_out', 'iotlb_flush_left_out']),
  ...each(['local_flush_only'], '2c'),
  ...each(['state_lost'], 'region'),
  ...each(['invalidate_protected', 'protected_shared', 'ram_mapped_lazily']),
  ...each(['iommu_mapped_lazily'], 'mmio'),
  ...each(['present_leaf_accepted'], '2g'),
  ...each(['donate_ignores_pin', 'unuse_forgets_iotlb', 'use_ignores_ownership'], 'pins'),
  ...each(['teardown_does_not_wipe', 'prepopulation_not_flushed'], 'life'),
  ...each(['prepopulation_forgets_iotlb', 'prepopulate_started', 'dying_vm_runs'], 'life'),
  ...each(['teardown_while_running'], 'life-2c'),
  ...each(['finish_with_pages', 'structures_not_wiped', 'structures_not_returned'], 'life'),
];

/** The operations' checks that an entry point can run into: the others are held in `ownership`, where every call is made. */
const withoutCheck: readonly IsolationMutant[] = [
  ...each(['donate.request.host.state', 'donate.request.guest.page'], '2g'),
  ...each(['share.request.host.state', 'share.request.guest.mapped', 'share.request.guest.state'], 'cache'),
  ...each(['unshare.request.guest.mapped', 'unshare.request.guest.state'], 'cache'),
].map(mutant => ({ ...mutant, name: `without ${mutant.name}` }));

/** The operations' own writes left out, and owners recorded wrong. */
const wrongWrites: readonly IsolationMutant[] = [
  ...writeFaults.filter(({ name }) => name.endsWith(':left_out')),
  ...writeFaults.filter(({ name }) => name.endsWith(':ownerId')),
].map(fault => ({ ...fault, name: fault.name.replace(':left_out', ' left out').replace(':', ' wrong ') }));

export const isolationMutants: readonly IsolationMutant[] = [
  ...bugs,
  ...leftOut,
  ...withoutCheck,
  ...wrongWrites,
];

/**
 * The early code (facts/pkvm.md 0, G0 and G1) as it was built, not as one fault but as a whole: B1; B2, owners that
 * nobody compares; B10, an undonate that leaves wiping to one of its callers; B12; B26.
 */
export const earlyCode: readonly Fault<IsolationRules>[] = each([
  'annotation_lost',
  'donate.request.hyp.owner',
  'donate.acknowledge.host.owner',
  'share.acknowledge.host.owner',
  'undonate_does_not_wipe',
  'present_leaf_accepted',
  'guest_unshare_forgets_iotlb',
]);
