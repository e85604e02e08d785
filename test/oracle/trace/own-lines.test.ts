import { describe, expect, test } from 'vitest';
import { checkTrace, normative } from '../../../oracle/index.ts';

const check = (...lines: string[]) =>
  checkTrace(
    lines.map(line => `pagewarden: ${line}`),
    { implementation: normative },
  );
const hello = 'hello ram=0x0-0x200000 vm=2:protected vm=3:normal';
const donate = 'host_donate_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7';
const share = 'guest_share_host vm=2 gpa=0x8000 size=0x1000';

/** FNV-1a in 32 bits, as the snippet computes it, written down a second time. */
const summed = (text: string): string => {
  let sum = 2166136261n;
  for (const character of text) sum = ((sum ^ BigInt(character.charCodeAt(0))) * 16777619n) % 4294967296n;
  return `${text} sum=0x${sum.toString(16).padStart(8, '0')}`;
};

describe('calls that are logged at both ends', () => {
  test('take effect in an order that explains them, though they ended in another', () => {
    const { summary } = check(hello, `${donate} begin=1`, `${share} begin=2`, 'end=2 ret=0', 'end=1 ret=0');
    expect(summary).toMatchObject({ allowed: 2, forbidden: 0, unknown: 0 });
  });

  test('are forbidden where no order explains them: the one had ended before the other began', () => {
    const { summary } = check(hello, `${share} begin=2`, 'end=2 ret=0', `${donate} begin=1`, 'end=1 ret=0');
    expect(summary.forbidden).toBe(1);
  });

  test('leave a gap where the end is missing: nothing after it is green', () => {
    const { summary, unknown } = check(hello, `${donate} begin=1`);
    expect(summary).toMatchObject({ allowed: 0, forbidden: 0, unknown: 1 });
    expect(unknown[0]?.verdict.rule).toBe('gap');
  });

  test('an end without a begin is damage', () => {
    expect(check(hello, 'end=9 ret=0').damaged).toBe(1);
  });
});

describe('a leaf that is told', () => {
  const owner = (id: number): string => `leaf table=0 address=0x3000 word=0x${(id * 0x1000).toString(16)}`;

  test('is allowed where it is what the calls have made of it, and forbidden where it is not', () => {
    expect(check(hello, `${donate} ret=0`, owner(2)).summary).toMatchObject({ allowed: 2, forbidden: 0 });
    expect(check(hello, `${donate} ret=0`, owner(3)).summary).toMatchObject({ allowed: 1, forbidden: 1 });
  });

  test('is no leaf at an address of no page', () => {
    expect(check(hello, 'leaf table=0 address=0x3001 word=0x0').damaged).toBe(1);
  });
});

describe('the sum of a line', () => {
  test('is that of its text; one wrong character, and what it told is missing', () => {
    const line = summed(`${donate} ret=0`);
    expect(check(hello, line)).toMatchObject({ damaged: 0, summary: { allowed: 1 } });
    for (const [from, to] of [
      ['vm=2', 'vm=3'],
      ['0x3000', '0x4000'],
      ['ret=0', 'ret=-1'],
    ] as const) {
      const { damaged, summary } = check(hello, line.replace(from, to));
      expect([damaged, summary.allowed, summary.unknown]).toEqual([1, 0, 1]);
    }
  });

  test('is missed where the lines before had one', () => {
    expect(check(summed(hello), summed(`${donate} ret=0`), `${share} ret=0`).damaged).toBe(1);
  });
});

describe("the hypervisor's own memory", () => {
  test('explains a refused donation, and condemns one that went through', () => {
    const said = `${hello} hyp=0x3000-0x5000`;
    expect(check(said, `${donate} ret=-1`).summary).toMatchObject({ allowed: 1, forbidden: 0 });
    expect(check(said, `${donate} ret=0`).summary).toMatchObject({ allowed: 0, forbidden: 1 });
    expect(check(hello, `${donate} ret=0`).summary).toMatchObject({ allowed: 1, forbidden: 0 });
  });
});
