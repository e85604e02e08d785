import type { System } from '../../checker/index.ts';
import { faults, readings, rulesWith, type WalkFault } from '../../model/ept/index.ts';
import { walkProperties } from '../../properties/walk.ts';
import type { Parameters, SystemFamily } from '../system.ts';
import { WalkView, walkActions } from './actions.ts';
import { walkMutants } from './mutants.ts';
import { profiles, themeNamed } from './profiles.ts';
import { slotsOf } from './theme.ts';
import { walkTwin } from './twin.ts';

function build(given: Parameters, mutantName?: string): System {
  const fault = mutantName === undefined ? undefined : faultNamed(mutantName);
  const theme = themeNamed(given['theme']);
  const slots = slotsOf(theme);
  const atOnce = given['atOnce'] ?? slots.length;
  if (typeof atOnce !== 'number') throw new RangeError(`atOnce is a number, not ${atOnce}`);
  const view = new WalkView(theme, rulesWith(fault === undefined ? [] : [fault]));
  return {
    name: 'spp-walk',
    slots,
    actions: walkActions(view, atOnce),
    properties: walkProperties(view),
    twin: walkTwin(theme),
    isRefusal: () => false,
    deadlock: 'off',
  };
}

function faultNamed(name: string): WalkFault {
  const found = [...readings, ...faults].find(one => one.name === name);
  if (found === undefined) throw new RangeError(`spp-walk has no mutant ${name}`);
  return found;
}

export const sppWalkSystem: SystemFamily = {
  name: 'spp-walk',
  about: 'the hardware walk of EPT and SPPT, from VM entry to the outcome (seeds 000, 001, 003)',
  parameters: [
    {
      name: 'theme',
      about: 'the part of the walk that varies',
      min: 0,
      max: 0,
      words: profiles.map(({ parameters }) => String(parameters['theme'])),
    },
    { name: 'atOnce', about: 'how many words may differ from well-formed ones at once', min: 1, max: 32 },
  ],
  profiles,
  mutantProfile: 'spp',
  mutants: walkMutants,
  build,
};
