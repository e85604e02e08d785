import { describe, expect, test } from 'vitest';
import { callText as explorerText } from '../../explorer/explore/call-text.ts';
import { callText, conditionsOf, passedArgs } from '../../graphs/call-text.ts';
import { callLabel } from '../../graphs/from-states.ts';
import { ownership } from '../../systems/ownership/index.ts';

const donate = { hpa: 0x3000n, vm: 2, size: 0x1000n };
const call = (args: Record<string, bigint | number | string>) => ({ name: 'host_donate_guest', args });

describe('a call in words', () => {
  test('is its name and its arguments', () => {
    expect(callText(call(donate))).toBe('host_donate_guest(hpa=0x3000, vm=2, size=0x1000)');
    expect(callText(call({}))).toBe('host_donate_guest()');
    expect(callLabel(call({}))).toBe('host_donate_guest');
  });

  test('tells a condition under which it is made from what the caller passes', () => {
    const starved = call({ ...donate, tablePages: 'exhausted' });
    expect(callText(starved)).toBe(
      'host_donate_guest(hpa=0x3000, vm=2, size=0x1000) [no table pages left]',
    );
    expect(callLabel(starved)).toBe(callText(starved));
    expect(passedArgs(starved).map(([name]) => name)).toEqual(['hpa', 'vm', 'size']);
    const { actions } = ownership.build({ pages: 1, gpas: 1, protected: 1, normal: 1 });
    const conditions = new Set(actions.flatMap(conditionsOf));
    expect([...conditions]).toEqual(['no table pages left']);
    const [first] = actions.filter(action => conditionsOf(action).length > 0);
    expect(first === undefined ? '' : explorerText(first)).toMatch(/, with no table pages left\)$/);
  });
});
