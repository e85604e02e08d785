import type { System } from '../../checker/index.ts';
import { withFaults } from '../../model/fault.ts';
import { lockProperties } from '../../properties/locks.ts';
import { instantProperties, sequentialProperties, smpPremises } from '../../properties/smp.ts';
import type { Parameters, SystemFamily } from '../system.ts';
import { mutantNamed, smpMutants } from './mutants.ts';
import { specified } from './program.ts';
import { smpProfiles } from './profiles.ts';
import { parameters, sizeOf } from './size.ts';
import { stepActions } from './steps.ts';
import { surroundings } from './surroundings.ts';
import { smpTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { smpWorld } from './world.ts';

function build(given: Parameters, mutantName?: string): System {
  const mutant = mutantNamed(mutantName);
  const world = smpWorld(sizeOf(given), withFaults(specified, mutant === undefined ? [] : [mutant]));
  const steps = stepActions(world);
  const view = viewOfWorld(world, steps);
  return {
    name: 'hypercall-smp',
    slots: world.slots,
    actions: [...steps.keys(), ...surroundings(world)],
    properties: [
      ...instantProperties(view),
      ...lockProperties(view),
      ...sequentialProperties(view),
      ...smpPremises(view),
    ],
    // of a call whose steps were changed the machine could say no more than that they were
    ...(mutant === undefined ? { twin: smpTwin(world, steps) } : {}),
    deadlock: 'stuck',
  };
}

export const hypercallSmp: SystemFamily = {
  name: 'hypercall-smp',
  about: 'calls as steps on several CPUs: locks, checks, writes and flushes under every interleaving',
  parameters,
  profiles: smpProfiles,
  mutantProfile: 'tlb',
  mutants: smpMutants,
  build,
};
