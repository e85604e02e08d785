import { withFaults } from '../../model/fault.ts';
import {
  argumentChecks,
  leafChecks,
  type PkvmFaultName,
  pkvmFaults,
  pkvmFaultsNamed,
  type PkvmRules,
  writeFaults,
} from '../../model/pkvm/index.ts';
import type { TriedFault } from '../system.ts';
import { facts } from '../../model/citation.ts';

/** A mutant of the ownership system: faults of the operations, and what else it takes to see them. */
export interface OwnershipMutant extends TriedFault<PkvmRules> {
  /** The faults that it is made of. */
  readonly parts: readonly PkvmFaultName[];
  /** Guests are numbered from here. */
  readonly firstGuestId?: number;
}

const made = (mutant: Omit<OwnershipMutant, 'change'>): OwnershipMutant => ({
  ...mutant,
  change: rules => withFaults(rules, pkvmFaultsNamed(mutant.parts)),
});

/** A fault of the table as a mutant of its own, under this name. */
const alone = (name: string, part: PkvmFaultName): OwnershipMutant => ({
  ...pkvmFaults[part],
  name,
  parts: [part],
});

/** Bugs that real hypervisors had. */
const bugs: readonly Omit<OwnershipMutant, 'change'>[] = [
  {
    name: 'B2',
    about:
      'hyp_donate_host, undonate and guest_share_host look at the state bits only, never at the recorded owner',
    source: facts.pkvm('5', 'B2'),
    parts: ['donate.request.hyp.owner', 'donate.acknowledge.host.owner', 'share.acknowledge.host.owner'],
  },
  {
    name: 'B3',
    about:
      'guest_unshare_host takes a size that is no multiple of 4 KByte and runs over the following pages',
    source: facts.pkvm('5', 'B3'),
    parts: ['unshare_size_underflows'],
  },
  {
    name: 'B4',
    about:
      'running out of table pages is noticed after the initiator was changed: the page is lost, the caller sees +1',
    source: facts.pkvm('5', 'B4'),
    parts: ['late_enomem'],
  },
  {
    name: 'B5',
    about: 'a size of 0 and a range that wraps around are accepted as success',
    source: facts.pkvm('5', 'B5'),
    parts: ['arguments.size_zero', 'arguments.wrap', 'arguments.ram'],
  },
  {
    name: 'B6',
    about:
      'a range is annotated with one large leaf, which fails half-way where the start is not aligned to it',
    source: facts.pkvm('5', 'B6'),
    parts: ['large_annotation'],
  },
  {
    name: 'B8',
    about: 'unshare compares the mapped page with the named one only after the host side was changed',
    source: facts.pkvm('5', 'B8'),
    parts: ['unshare.acknowledge.guest.page', 'page_asserted_late'],
  },
  {
    name: 'B9',
    about: 'an MMIO page is donated like RAM and comes back write-back',
    source: facts.pkvm('5', 'B9'),
    parts: ['arguments.ram'],
  },
  {
    name: 'B12',
    about: 'a gpa that is present already counts as mapped, whatever page it maps',
    source: facts.pkvm('5', 'B12'),
    parts: ['present_leaf_accepted'],
  },
  {
    name: 'B15',
    about: 'a range is checked and changed page by page, so a refusal in the middle leaves it half done',
    source: facts.pkvm('5', 'B15'),
    parts: ['page_by_page'],
  },
  {
    name: 'B16',
    about: 'host_unshare_guest looks up the host leaf at the gpa, so every unshare fails',
    source: facts.pkvm('5', 'B16'),
    parts: ['unshare_checks_gpa'],
  },
  {
    name: 'B18',
    about: 'a page that was never donated can be undonated',
    source: facts.pkvm('5', 'B18'),
    parts: [
      'donate.request.guest.state',
      'donate.request.guest.page',
      'donate.acknowledge.host.state',
      'donate.acknowledge.host.owner',
    ],
  },
  {
    name: 'B23',
    about: "guests are numbered from 1, the host's own owner id",
    source: facts.pkvm('5', 'B23'),
    parts: ['arguments.vm'],
    firstGuestId: 1,
  },
  {
    name: 'B24',
    about: 'the recorded owner is read through the mask 0xF, so guest 16 looks like the hypervisor',
    source: facts.pkvm('5', 'B24'),
    parts: ['owner_mask_4_bits'],
    firstGuestId: 16,
  },
];

/** One for every check, of the arguments and of the leaves. */
const leftOut = [...argumentChecks, ...leafChecks].map(({ name }) => alone(`without ${name}`, name));

/** One for every write, and one for every field that it decides. */
const wrong = writeFaults.map(({ name }) =>
  alone(name.replace(/:left_out$/, ' left out').replace(':', ' wrong '), name),
);

/** One for every check, one for every written field, and the real ones. */
export const ownershipMutants: readonly OwnershipMutant[] = [...bugs.map(made), ...leftOut, ...wrong];
