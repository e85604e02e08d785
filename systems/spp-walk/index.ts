import { rulesWith } from '../../model/ept/index.ts';
import { walkProperties } from '../../properties/walk/index.ts';
import { system } from '../define.ts';
import { count, oneOf } from '../size.ts';
import { WalkView, walkActions } from './actions.ts';
import { walkMutants } from './mutants.ts';
import { profiles } from './profiles.ts';
import { slotsOf } from './theme.ts';
import { everyTheme } from './themes/index.ts';
import { walkTwin } from './twin.ts';

export const sppWalkSystem = system({
  name: 'spp-walk',
  about: 'the hardware walk of EPT and SPPT, from VM entry to the outcome (seeds 000, 001, 003)',
  size: {
    theme: oneOf(
      everyTheme.map(({ name }) => name),
      'the part of the walk that varies',
    ),
    // no theme has more words than that: then all may differ at once
    atOnce: count(1, 32, 'how many words may differ from well-formed ones at once', 32),
  },
  profiles,
  faults: walkMutants,
  faultProfile: 'spp',
  build({ theme: name, atOnce }, chosen) {
    const theme = everyTheme.find(one => one.name === name);
    if (theme === undefined) throw new RangeError(`there is no theme ${name}`);
    const view = new WalkView(theme, rulesWith(chosen));
    return {
      slots: slotsOf(theme),
      actions: walkActions(view, atOnce),
      properties: walkProperties(view),
      twin: walkTwin(theme),
      isRefusal: () => false,
      deadlock: 'off',
    };
  },
});
