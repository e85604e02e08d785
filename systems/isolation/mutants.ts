import {
  asSpecified,
  type Deviations,
  entryPointFaults,
  splitFaults,
  stepWrites,
  writeFault,
} from '../../model/pkvm/index.ts';
import type { Mutant } from '../system.ts';
import { flushFaults } from './flush.ts';
import { lifecycleFaults } from './lifecycle-entries.ts';
import { wipeFaults } from './perform.ts';
import { pinFaults } from './pins.ts';

/** A mutant of the isolation system: a set of deviations. */
export interface IsolationMutant extends Mutant {
  readonly deviations: Deviations;
}

const bug = (id: string): string => `facts/pkvm.md 5, ${id}`;
const rule = (id: string): string => `facts/pkvm.md 4, ${id}`;

type Table = Readonly<Record<string, string>>;
const one =
  (profile?: string) =>
  (table: Table, fault: string, name: string, source: string): IsolationMutant => ({
    name,
    about: table[fault] ?? fault,
    source,
    deviations: new Set([fault]),
    ...(profile === undefined ? {} : { profile }),
  });
const plain = one();
const inLife = one('life');
const inRegion = one('region');
const withPins = one('pins');

/** Bugs that real hypervisors had. */
const real: readonly IsolationMutant[] = [
  inRegion(splitFaults, 'annotation_lost', 'B1', bug('B1')),
  one('2g')(flushFaults, 'flush_only_with_table', 'B7', bug('B7')),
  {
    name: 'B9',
    about: 'an MMIO page is given away like RAM, and would come back write-back',
    source: bug('B9'),
    deviations: new Set(['arguments.ram']),
    profile: 'mmio',
  },
  plain(wipeFaults, 'undonate_does_not_wipe', 'B10', bug('B10')),
  {
    name: 'B17',
    about:
      'teardown of a normal VM unmaps nothing and is finished all the same: its pages stay SHARED_OWNED',
    source: bug('B17'),
    deviations: new Set(['teardown_keeps_normal', 'finish_with_normal_pages']),
    profile: 'life',
  },
  withPins(pinFaults, 'unmap_drops_pin_only', 'B19', bug('B19')),
  withPins(pinFaults, 'unshare_ignores_pin', 'B20', bug('B20')),
  inRegion(wipeFaults, 'wipe_first_page_only', 'B22', bug('B22')),
  plain(flushFaults, 'guest_unshare_forgets_iotlb', 'B26', bug('B26')),
];

/** All but the one that only makes sense as a part of B17. */
const lifeFaults = Object.keys(lifecycleFaults).filter(fault => fault !== 'finish_with_normal_pages');

/** One for each thing that the entry points must do. */
const leftOut: readonly IsolationMutant[] = [
  ...(['host_flush_left_out', 'guest_flush_left_out', 'iotlb_flush_left_out'] as const).map(fault =>
    plain(flushFaults, fault, fault, rule('I8')),
  ),
  one('2c')(flushFaults, 'local_flush_only', 'local_flush_only', rule('I8')),
  inRegion(splitFaults, 'state_lost', 'state_lost', rule('I12')),
  plain(entryPointFaults, 'invalidate_protected', 'invalidate_protected', 'facts/pkvm.md 1.1, "Callers"'),
  plain(entryPointFaults, 'protected_shared', 'protected_shared', 'facts/pkvm.md 1.1, "Callers"'),
  plain(entryPointFaults, 'ram_mapped_lazily', 'ram_mapped_lazily', 'facts/pkvm.md 1.1, "Callers"'),
  one('mmio')(
    entryPointFaults,
    'iommu_mapped_lazily',
    'iommu_mapped_lazily',
    'facts/pkvm.md 1.1, "Callers"',
  ),
  {
    name: 'present_leaf_accepted',
    about: 'a gpa that is present already is success, whatever page it maps',
    source: bug('B12'),
    deviations: new Set(['present_leaf_accepted']),
    profile: '2g',
  },
  ...(['donate_ignores_pin', 'unuse_forgets_iotlb', 'use_ignores_ownership'] as const).map(fault =>
    withPins(pinFaults, fault, fault, rule('I8')),
  ),
  inLife(wipeFaults, 'teardown_does_not_wipe', 'teardown_does_not_wipe', rule('I9')),
  ...lifeFaults.map(fault =>
    one(fault === 'teardown_while_running' ? 'life-2c' : 'life')(
      lifecycleFaults,
      fault,
      fault,
      rule('I17'),
    ),
  ),
];

/**
 * The operations' own writes, and those of their checks that an entry point can run into: the others are held in
 * `ownership`, where every call is made, legal or not.
 */
const ofOperations: readonly IsolationMutant[] = [
  ...(
    [
      ['donate.request.host.state', '2g'],
      ['donate.request.guest.page', '2g'],
      ['share.request.host.state', 'cache'],
      ['share.request.guest.mapped', 'cache'],
      ['share.request.guest.state', 'cache'],
      ['unshare.request.guest.mapped', 'cache'],
      ['unshare.request.guest.state', 'cache'],
    ] as const
  ).map(([name, profile]) => ({
    name: `without ${name}`,
    about: `the check ${name} is left out`,
    source: 'the check itself',
    deviations: new Set([name]),
    profile,
  })),
  ...stepWrites.map(step => ({
    name: `${step.name} left out`,
    about: `${step.name} writes nothing`,
    source: 'the write itself',
    deviations: new Set([writeFault(step, 'left_out')]),
  })),
  ...stepWrites
    .filter(({ fields }) => fields.includes('ownerId'))
    .map(step => ({
      name: `${step.name} wrong ownerId`,
      about: `${step.name} records the hypervisor as owner`,
      source: 'the write itself',
      deviations: new Set([writeFault(step, 'ownerId')]),
    })),
];

export const isolationMutants: readonly IsolationMutant[] = [...real, ...leftOut, ...ofOperations];

/**
 * The early code (facts/pkvm.md 0, G0 and G1) as it was built, not as one fault but as a whole: B1; B2, owners that
 * nobody compares; B10, an undonate that leaves wiping to one of its callers; B12; B26.
 */
export const earlyCode: Deviations = new Set([
  'annotation_lost',
  'donate.request.hyp.owner',
  'donate.acknowledge.host.owner',
  'share.acknowledge.host.owner',
  'undonate_does_not_wipe',
  'present_leaf_accepted',
  'guest_unshare_forgets_iotlb',
]);

export const deviationsOf = (mutant: string | undefined): Deviations => {
  if (mutant === undefined) return asSpecified;
  const found = isolationMutants.find(({ name }) => name === mutant);
  if (found === undefined) throw new RangeError(`isolation has no mutant ${mutant}`);
  return found.deviations;
};
