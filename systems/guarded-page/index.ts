import { withFaults } from '../../model/fault.ts';
import { guardedPageProperties } from '../../properties/guarded-page/index.ts';
import { type Ids, system, type SystemParts } from '../define.ts';
import { adversarial, plain } from '../pages/places.ts';
import { accessesOf } from './accesses.ts';
import { callsOf } from './calls.ts';
import { guardedPageFaults } from './faults/index.ts';
import { guardedPageProfiles } from './profiles.ts';
import { type GuardRules, specified } from './rules.ts';
import { type GuardedPageSize, refuse, size, sorts } from './size.ts';
import { guardedPageSorts } from './sorts.ts';
import { stepActions } from './steps.ts';
import { guardedPageTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { worldOf } from './world.ts';

/** Ids that are easily confused; the guest pages of a guest share one page of the SPPT, and lie together. */
const oneRegion = { ...adversarial, gpa: plain.gpa };

/** The system of a size, by these rules: those of `specified`, or with a fault. */
export function guardedPageSystem(
  chosen: GuardedPageSize,
  rules: GuardRules,
  ids: Ids = 'plain',
): SystemParts {
  const world = worldOf(chosen, rules, ids === 'plain' ? plain : oneRegion);
  const calls = callsOf(world);
  const steps = stepActions(world, calls);
  const { writes, others } = accessesOf(world);
  return {
    slots: world.slots,
    groups: world.groups,
    actions: [...steps.keys(), ...others, ...writes.keys()],
    properties: guardedPageProperties(viewOfWorld(world, calls, steps, writes)),
    twin: guardedPageTwin(world, steps),
    isRefusal: result => typeof result === 'number' && result < 0,
    deadlock: 'stutter',
    sorts: guardedPageSorts(world, steps),
  };
}

export const guardedPage = system({
  name: 'guarded-page',
  about: 'page ownership and sub-page write permissions in one machine: what must hold where they meet',
  size,
  refuse,
  profiles: guardedPageProfiles,
  faults: guardedPageFaults,
  faultProfile: 'hypervisor',
  proofProfile: 'nobody',
  proofPasses: 30,
  sorts,
  build: (chosen, faults, ids) => guardedPageSystem(chosen, withFaults(specified, faults), ids),
});
