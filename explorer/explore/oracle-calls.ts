import type { Value } from '../../checker/index.ts';
import { passedArgs } from '../../graphs/call-text.ts';
import type { TakenStep } from '../session.ts';

const jsonValue = (value: Value): number | string | boolean =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : value;

/**
 * The path as the oracle's JSON Lines: one call a line with what it returned. The oracle grants a -ENOMEM without being
 * told that no table pages were left.
 */
export const oracleCalls = (steps: readonly TakenStep[]): string =>
  steps
    .map(({ action, result }, at) => {
      const args = Object.fromEntries(passedArgs(action).map(([key, value]) => [key, jsonValue(value)]));
      return `${JSON.stringify({ id: at + 1, op: 'call', name: action.name, args, ret: result })}\n`;
    })
    .join('');
