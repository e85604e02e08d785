import { type MachineEntry, machines } from '../machines/index.ts';
import { pageOwnershipEntry } from '../machines/page-ownership.ts';
import type { Box } from './from-states.ts';

/** A machine's state as its own picture draws it: its lines and its colour. */
function boxOf(state: string, { tones = {}, label }: Partial<MachineEntry>): Box {
  const tone = tones[state];
  return {
    id: state,
    label: label?.(state) ?? state.replaceAll('_', ' '),
    ...(tone === undefined ? {} : { tone }),
  };
}

/** A box of seed 004's picture: its name, what host EPT and guest table say, and who owns the page. */
export const pageBox = (state: string): Box => boxOf(state, pageOwnershipEntry);

/** A box of whichever machine has a state of that name. */
export const machineBox = (state: string): Box =>
  boxOf(state, machines.find(({ tones }) => state in tones) ?? {});
