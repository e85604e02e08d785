import { withFaults } from '../../model/fault.ts';
import { guardedPageProperties } from '../../properties/guarded-page/index.ts';
import { system, type SystemParts } from '../define.ts';
import { accessesOf } from './accesses.ts';
import { callsOf } from './calls.ts';
import { guardedPageFaults } from './faults/index.ts';
import { guardedPageProfiles } from './profiles.ts';
import { type GuardRules, specified } from './rules.ts';
import { type GuardedPageSize, refuse, size } from './size.ts';
import { stepActions } from './steps.ts';
import { guardedPageTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { worldOf } from './world.ts';

/** The system of a size, by these rules: those of `specified`, or with a fault. */
export function guardedPageSystem(chosen: GuardedPageSize, rules: GuardRules): SystemParts {
  const world = worldOf(chosen, rules);
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
  build: (chosen, faults) => guardedPageSystem(chosen, withFaults(specified, faults)),
});
