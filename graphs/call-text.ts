import type { Action, Value } from '../checker/index.ts';

/** What of a call's `args` its caller does not pass, because it is how things stand when it is called: in words. */
const conditions: Readonly<Record<string, string>> = { 'tablePages=exhausted': 'no table pages left' };

const conditionIn = ([name, value]: readonly [string, Value]): string | undefined =>
  conditions[`${name}=${String(value)}`];

/** The arguments that the caller passes. */
export const passedArgs = ({ args }: Pick<Action, 'args'>): (readonly [string, Value])[] =>
  Object.entries(args).filter(arg => conditionIn(arg) === undefined);

/** The conditions under which a call is made: `no table pages left`. */
export const conditionsOf = ({ args }: Pick<Action, 'args'>): string[] =>
  Object.entries(args).flatMap(arg => conditionIn(arg) ?? []);

const valueText = (value: Value): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);

/** A call as a person writes it: `host_donate_guest(hpa=0x3000, vm=2, gpa=0x10000) [no table pages left]`. */
export function callText(action: Pick<Action, 'name' | 'args'>): string {
  const passed = passedArgs(action).map(([name, value]) => `${name}=${valueText(value)}`);
  return [`${action.name}(${passed.join(', ')})`, ...conditionsOf(action).map(text => `[${text}]`)].join(
    ' ',
  );
}
