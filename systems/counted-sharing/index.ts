import { withFaults } from '../../model/fault.ts';
import { countedProperties } from '../../properties/counted.ts';
import { system, type SystemParts } from '../define.ts';
import { sharingActions } from './actions.ts';
import { callsOf } from './calls.ts';
import { sharingFaults } from './faults/index.ts';
import { sharingProfiles } from './profiles.ts';
import { type SharingRules, sharingRules } from './rules.ts';
import { columnsOf, type CountedSize, refuse, size } from './size.ts';
import { sharingTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { countedSlots } from './world.ts';

/** The system of a size, by these rules: those of its revision, or with a fault. */
function countedSharingSystem(chosen: CountedSize, rules: SharingRules): SystemParts {
  const world = countedSlots(chosen);
  const { calls, others } = sharingActions(world, rules, callsOf(world));
  return {
    slots: world.slots,
    actions: [...calls.keys(), ...others],
    properties: countedProperties(viewOfWorld(world, calls)),
    twin: sharingTwin(world, calls),
    isRefusal: result => result === 'refused' || (typeof result === 'number' && result < 0),
    deadlock: 'stutter',
  };
}

export const countedSharing = system({
  name: 'counted-sharing',
  about: 'who owns each page and how often it is shared, in the records and leaf words of pKVM of 2026',
  size,
  refuse,
  profiles: sharingProfiles,
  faults: sharingFaults,
  faultProfile: '1p',
  build: (chosen, faults) =>
    countedSharingSystem(chosen, withFaults(sharingRules(columnsOf(chosen)), faults)),
});
