import { spptFaults } from '../../sppt/faults.ts';
import type { Departure } from '../departure.ts';
import { decisions } from './decisions.ts';
import { leftOut } from './left-out.ts';
import { masks } from './masks.ts';
import { reports } from './reports.ts';

/** Every fault of a walk that the checks must notice, by name. */
export const faults: readonly Departure[] = [...leftOut, ...masks, ...decisions, ...reports, ...spptFaults];
