import { withFaults } from '../../model/fault.ts';
import { lockProperties } from '../../properties/locks.ts';
import { instantProperties, sequentialProperties, smpPremises } from '../../properties/smp.ts';
import { system, type SystemParts } from '../define.ts';
import { type SmpMutant, smpMutants } from './mutants.ts';
import { specified } from './program.ts';
import { smpProfiles } from './profiles.ts';
import { parameters, refuse, type SmpSize } from './size.ts';
import { stepActions } from './steps.ts';
import { surroundings } from './surroundings.ts';
import { smpTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { smpWorld } from './world.ts';

/** The calls in steps, with these faults. */
export function smpSystem(size: SmpSize, faults: readonly SmpMutant[]): SystemParts {
  const world = smpWorld(size, withFaults(specified, faults));
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
  build: smpSystem,
});
