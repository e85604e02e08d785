import { spptFaults } from './spp.ts';
import type { WalkFault } from '../rules.ts';
import { decisions } from './decisions.ts';
import { leftOut } from './left-out.ts';
import { masks } from './masks.ts';
import { reports } from './reports.ts';

/** Every fault of a walk that the checks must notice, by name. */
export const faults: readonly WalkFault[] = [...leftOut, ...masks, ...decisions, ...reports, ...spptFaults];
