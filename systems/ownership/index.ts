import { withFaults } from '../../model/fault.ts';
import { specified } from '../../model/pkvm/index.ts';
import { ownershipProperties } from '../../properties/ownership.ts';
import { ownershipStepProperties } from '../../properties/ownership-steps.ts';
import { type Ids, system, type SystemParts } from '../define.ts';
import type { Profile } from '../system.ts';
import { ownershipActions } from './actions.ts';
import { type OwnershipMutant, ownershipMutants } from './mutants.ts';
import { ownershipRanges } from './ranges.ts';
import { type OwnershipSize, parameters, refuse } from './size.ts';
import { numberingOf, ownershipSorts, ownershipWorld, pageGroups } from './slots.ts';
import { ownershipSymmetries } from './symmetry.ts';
import { ownershipTwin } from './twin.ts';

const everyPageAlone = (size: OwnershipSize): boolean => size.gpas === 'own' && size.range === 1;

const profiles: readonly Profile[] = [
  {
    name: '1p1g1k',
    about: 'one page, one guest page, a protected and a normal guest: small enough to read',
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, mmio: 1 },
    isDefault: true,
    pinned: {
      states: 5,
      because: 'the five boxes: host, hypervisor, guest, shared back, shared with a guest',
    },
  },
  {
    name: '2p2g2k',
    about:
      'two pages, two guest pages, a protected and a normal guest, ranges of two, every call legal or not',
    parameters: { pages: 2, gpas: 2, protected: 1, normal: 1, range: 2, mmio: 1, prots: 2 },
    isDefault: true,
  },
  {
    name: '3p2g3k',
    about: 'three pages, two guest pages, two protected guests and a normal one, ranges of two',
    parameters: { pages: 3, gpas: 2, protected: 2, normal: 1, range: 2, mmio: 1 },
    isDefault: true,
  },
  {
    name: '4p-own',
    about: 'four pages that never meet: a yardstick for the engine, proven by one page already',
    parameters: { pages: 4, gpas: 'own', protected: 2, normal: 2, calls: 'matching' },
    isDefault: true,
    pinned: { states: 4096, because: '8 states of one page, to the power of 4 pages that never meet' },
  },
  {
    name: '6p-own',
    about: 'six pages that never meet: a yardstick for the engine',
    parameters: { pages: 6, gpas: 'own', protected: 2, normal: 2, calls: 'matching' },
    isDefault: false,
    pinned: { states: 262_144, because: '8 states of one page, to the power of 6 pages that never meet' },
  },
  {
    name: '5p3g4k',
    about: 'five pages that do meet: three guest pages, two protected and two normal guests, ranges of two',
    parameters: { pages: 5, gpas: 3, protected: 2, normal: 2, range: 2, calls: 'matching' },
    isDefault: false,
  },
];

/** The system of a size, with these faults. */
function ownershipSystem(size: OwnershipSize, faults: readonly OwnershipMutant[], ids: Ids): SystemParts {
  const world = ownershipWorld(size, numberingOf(ids, faults[0]?.firstGuestId));
  const rules = withFaults(specified, faults);
  const made = ownershipActions(world, size, rules);
  const alone = everyPageAlone(size);
  return {
    slots: world.slots,
    ...(alone ? { groups: pageGroups(world) } : {}),
    actions: made.map(({ action }) => action),
    properties: [...ownershipProperties(world), ...ownershipStepProperties(world)],
    twin: ownershipTwin(world, new Map(made.map(({ action, call }) => [action, call]))),
    isRefusal: result => result !== 0,
    deadlock: 'stutter',
    symmetries: ownershipSymmetries(world, made, size),
    sorts: ownershipSorts(world),
    ranges: ownershipRanges(made, rules),
  };
}

export const ownership = system({
  name: 'ownership',
  about: 'who owns each page, in the leaf words of the host EPT and of every guest (seed 004)',
  size: parameters,
  refuse,
  profiles,
  faults: ownershipMutants,
  faultProfile: '2p2g2k',
  proofProfile: '2p2g2k',
  sorts: () => [{ name: 'pages' }, { name: 'gpas' }, { name: 'protected' }, { name: 'normal' }],
  build: ownershipSystem,
});
