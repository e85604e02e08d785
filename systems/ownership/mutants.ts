import {
  argumentChecks,
  type Deviations,
  leafChecks,
  stepWrites,
  type StepWrite,
  type WrittenField,
  writeFault,
} from '../../model/pkvm/index.ts';
import type { Mutant } from '../system.ts';

/** A mutant of the ownership system: a set of deviations, and what else it takes to see them. */
export interface OwnershipMutant extends Mutant {
  readonly deviations: Deviations;
  /** Guests are numbered from here: B23 from 1, B24 from 16. */
  readonly firstGuestId?: number;
}

const fact = (id: string): string => `facts/pkvm.md 5, ${id}`;

/** Bugs that real hypervisors had. */
const real: readonly OwnershipMutant[] = [
  {
    name: 'B2',
    about:
      'hyp_donate_host, undonate and guest_share_host look at the state bits only, never at the recorded owner',
    source: fact('B2'),
    deviations: new Set([
      'donate.request.hyp.owner',
      'donate.acknowledge.host.owner',
      'share.acknowledge.host.owner',
    ]),
  },
  {
    name: 'B3',
    about:
      'guest_unshare_host takes a size that is no multiple of 4 KByte and runs over the following pages',
    source: fact('B3'),
    deviations: new Set(['unshare_size_underflows']),
  },
  {
    name: 'B4',
    about:
      'running out of table pages is noticed after the initiator was changed: the page is lost, the caller sees +1',
    source: fact('B4'),
    deviations: new Set(['late_enomem']),
  },
  {
    name: 'B5',
    about: 'a size of 0 and a range that wraps around are accepted as success',
    source: fact('B5'),
    deviations: new Set(['arguments.size_zero', 'arguments.wrap', 'arguments.ram']),
  },
  {
    name: 'B6',
    about:
      'a range is annotated with one large leaf, which fails half-way where the start is not aligned to it',
    source: fact('B6'),
    deviations: new Set(['large_annotation']),
  },
  {
    name: 'B8',
    about: 'unshare compares the mapped page with the named one only after the host side was changed',
    source: fact('B8'),
    deviations: new Set(['unshare.acknowledge.guest.page', 'page_asserted_late']),
  },
  {
    name: 'B9',
    about: 'an MMIO page is donated like RAM and comes back write-back',
    source: fact('B9'),
    deviations: new Set(['arguments.ram']),
  },
  {
    name: 'B12',
    about: 'a gpa that is present already counts as mapped, whatever page it maps',
    source: fact('B12'),
    deviations: new Set(['present_leaf_accepted']),
  },
  {
    name: 'B15',
    about: 'a range is checked and changed page by page, so a refusal in the middle leaves it half done',
    source: fact('B15'),
    deviations: new Set(['page_by_page']),
  },
  {
    name: 'B16',
    about: 'host_unshare_guest looks up the host leaf at the gpa, so every unshare fails',
    source: fact('B16'),
    deviations: new Set(['unshare_checks_gpa']),
  },
  {
    name: 'B18',
    about: 'a page that was never donated can be undonated',
    source: fact('B18'),
    deviations: new Set([
      'donate.request.guest.state',
      'donate.request.guest.page',
      'donate.acknowledge.host.state',
      'donate.acknowledge.host.owner',
    ]),
  },
  {
    name: 'B23',
    about: "guests are numbered from 1, the host's own owner id",
    source: fact('B23'),
    deviations: new Set(['arguments.vm']),
    firstGuestId: 1,
  },
  {
    name: 'B24',
    about: 'the recorded owner is read through the mask 0xF, so guest 16 looks like the hypervisor',
    source: fact('B24'),
    deviations: new Set(['owner_mask_4_bits']),
    firstGuestId: 16,
  },
];

const leftOut: readonly OwnershipMutant[] = [
  ...argumentChecks.map(name => ({
    name: `without ${name}`,
    about: `the check ${name} is left out`,
    source: `the check itself`,
    deviations: new Set([name === 'arguments.table_pages' ? 'late_enomem' : name]),
  })),
  ...leafChecks.map(({ name, rule, source }) => ({
    name: `without ${name}`,
    about: `nobody asks whether ${rule}`,
    source,
    deviations: new Set([name]),
  })),
];

const faultAbout = (step: StepWrite, fault: WrittenField | 'left_out'): string =>
  fault === 'left_out' ? `${step.name} writes nothing` : `${step.name} writes the wrong ${fault}`;

const wrong: readonly OwnershipMutant[] = stepWrites.flatMap(step =>
  (['left_out', ...step.fields] as const).map(fault => ({
    name: fault === 'left_out' ? `${step.name} left out` : `${step.name} wrong ${fault}`,
    about: faultAbout(step, fault),
    source: 'the write itself',
    deviations: new Set([writeFault(step, fault)]),
  })),
);

/** One for every check, one for every written field, and the real ones. */
export const ownershipMutants: readonly OwnershipMutant[] = [...real, ...leftOut, ...wrong];
