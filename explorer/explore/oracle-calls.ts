import type { Value } from '../../checker/index.ts';
import type { TakenStep } from '../session.ts';

const jsonValue = (value: Value): number | string | boolean =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : value;

/** What the model decides and a caller never passes: the oracle grants a -ENOMEM without being told of it. */
const NOT_PASSED = 'tablePages';

/** The path as the oracle's JSON Lines: one call a line with what it returned. */
export const oracleCalls = (steps: readonly TakenStep[]): string =>
  steps
    .map(({ action, result }, at) => {
      const args = Object.fromEntries(
        Object.entries(action.args)
          .filter(([key]) => key !== NOT_PASSED)
          .map(([key, value]) => [key, jsonValue(value)]),
      );
      return `${JSON.stringify({ id: at + 1, op: 'call', name: action.name, args, ret: result })}\n`;
    })
    .join('');
