import { withFaults } from '../../model/fault.ts';
import { lockProperties } from '../../properties/locks.ts';
import { instantProperties, sequentialProperties, smpPremises } from '../../properties/smp.ts';
import { type Ids, system, type SystemParts } from '../define.ts';
import { type SmpMutant, smpMutants } from './mutants.ts';
import { specified } from './program.ts';
import { smpProfiles } from './profiles.ts';
import { parameters, refuse, type SmpSize, sorts } from './size.ts';
import { smpSorts } from './sorts.ts';
import { stepActions } from './steps.ts';
import { surroundings } from './surroundings.ts';
import { smpTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { smpWorld } from './world.ts';

/** The calls in steps, with these faults. */
export function smpSystem(size: SmpSize, faults: readonly SmpMutant[], ids: Ids = 'plain'): SystemParts {
  const world = smpWorld(size, withFaults(specified, faults), ids);
  const steps = stepActions(world);
  const view = viewOfWorld(world, steps);
  return {
    slots: world.slots,
    actions: [...steps.keys(), ...surroundings(world)],
    properties: [
      ...instantProperties(view),
      ...lockProperties(view),
      ...sequentialProperties(view),
      ...smpPremises(view),
    ],
    // of a call whose steps were changed the machine could say no more than that they were
    ...(faults.length === 0 ? { twin: smpTwin(world, steps) } : {}),
    deadlock: 'stuck',
    sorts: smpSorts(world),
  };
}

export const hypercallSmp = system({
  name: 'hypercall-smp',
  about: 'calls as steps on several CPUs: locks, checks, writes and flushes under every interleaving',
  size: parameters,
  refuse,
  profiles: smpProfiles,
  faults: smpMutants,
  faultProfile: 'tlb',
  // no normal guests: with them too many cases for the proof of I1 to I4
  proofProfile: '2p2g',
  sorts,
  build: smpSystem,
});
