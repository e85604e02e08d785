import type { Action, Ranges } from '../../checker/index.ts';
import { type CallRules, operationNames, PAGE_SIZE, specified } from '../../model/pkvm/index.ts';
import type { OwnershipCall } from './actions.ts';

interface Made {
  readonly call: OwnershipCall;
  readonly action: Action;
}

/** The parts that make a call over a range of calls over one page; each gets the pages one by one. */
const combinator = ['over', 'carryOut', 'pagesOf'] as const;

/** What calls over ranges are made of: every check on every page, then every write, a page at a time. */
export function ownershipRanges(made: readonly Made[], rules: CallRules): Ranges {
  const other = combinator.find(part => rules[part] !== specified[part]);
  return {
    ...(other === undefined
      ? {}
      : { uncombined: `calls over ranges are not made page by page: ${other} is another` }),
    beside: operationNames.flatMap(name => besides(made.filter(({ call }) => call.name === name))),
  };
}

/** Of the calls over one page that are alike but for the pages, two whose pages are others: as in a range. */
function besides(made: readonly Made[]): (readonly [Action, Action])[] {
  const whole = made.filter(
    ({ call: { size, hpa = 0n, gpa = 0n } }) =>
      [hpa, gpa].every(address => address % PAGE_SIZE === 0n) && size === PAGE_SIZE,
  );
  const alike = new Map<string, Made[]>();
  for (const one of whole) {
    const { hpa: _, gpa: __, ...rest } = one.action.args;
    const key = Object.entries(rest)
      .map(([name, value]) => `${name}=${value}`)
      .join();
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].flatMap(([first, ...others]) => {
    const second = others.find(
      ({ call: { hpa, gpa } }) =>
        (hpa === undefined || hpa !== first?.call.hpa) && (gpa === undefined || gpa !== first?.call.gpa),
    );
    return first === undefined || second === undefined ? [] : [[first.action, second.action] as const];
  });
}
