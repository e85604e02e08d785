import type { AnyOutcome } from '../../../properties/walk/index.ts';
import { endingLabel } from '../machine-walk.ts';

/** How a walk ends, as the machines name it: `spp_miss L3`. */
export const endingOfWalk = (outcome: AnyOutcome): string =>
  endingLabel({
    kind: outcome.kind,
    level: 'level' in outcome ? outcome.level : undefined,
    grantedBySpp: outcome.kind === 'allowed' && outcome.grantedBySpp,
  });
