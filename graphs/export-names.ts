import type { Action, Relations, Result, Slot, Value } from '../checker/index.ts';
import { callLabel } from './from-states.ts';
import { uniqueIdentifiers } from './identifiers.ts';

/** What Promela or TLA+ keep for themselves, as far as a slot could be called so. */
const reserved = [
  'end',
  'state',
  'init',
  'word',
  'Words',
  'Init',
  'Next',
  'Spec',
  'Known',
  'len',
  'run',
  'do',
];

/** One identifier a slot, in their order. */
export function slotNames(slots: readonly Slot[]): readonly string[] {
  const plain = slots.map(slot => slot.name.replaceAll(/\W+$/g, ''));
  return plain.map(uniqueIdentifiers(plain, reserved));
}

/** A value as a person reads it: `0x37 (OWNED, owner 1)`. */
export function valueText(slot: Slot, value: Value): string {
  const plain = typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);
  const shown = slot.show?.(value);
  return shown === undefined || shown === plain ? plain : `${plain}: ${shown}`;
}

/** `host: host_share_hyp(hpa=0x3000, size=0x1000)`. */
export const actionText = (action: Action): string => `${action.actor}: ${callLabel(action)}`;

export const resultText = (result: Result | undefined): string =>
  result === undefined ? 'disabled' : String(result);

/** What the run that the relations come from counted: what the other checker should count. */
export function countsText({ found, system }: Relations, profile: string): readonly string[] {
  const { states, transitions, bound } = found;
  const learned = `learned from ${states.toLocaleString('en-US')} states and ${transitions.toLocaleString('en-US')} transitions, refused calls included`;
  return [
    `${system.name}/${profile}, ${learned}.`,
    bound === undefined
      ? 'These are all there are: another checker should count the same.'
      : `The run was partial (${bound}): a state about which nothing was learned breaks a claim of its own, so nothing is passed over in silence.`,
  ];
}
