import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failure } from '../../../../model/kvm/errno.ts';
import {
  decodeNestedState,
  type Dialect,
  dialects,
  encodeNestedState,
  type NestedState,
  noAddress,
  pageOfData,
  svmVcpu,
  validate,
  vmcs12Data,
  vmxVcpu,
} from '../../../../model/kvm/nested-state/index.ts';

const seed = 8;
const vcpu = { ...vmxVcpu, entersL2: true };
const EINVAL = failure('EINVAL');
const EFAULT = failure('EFAULT');

/** In L2 on a vmcs12 with a shadow: the state that the most checks look at, and accepted by both revisions. */
const valid: NestedState = {
  flags: 1,
  format: 0,
  size: 128 + 2 * pageOfData,
  vmx: { vmxonPa: 0x1000n, vmcs12Pa: 0x2000n, smmFlags: 0, flags: 0, preemptionTimerDeadline: 0n },
  svm: { vmcbPa: 0x1000n },
  data: vmcs12Data(true),
};
const bufferOf = ({ svm: _svm, ...state }: NestedState, dialect: Dialect): Uint8Array =>
  encodeNestedState(state, dialect);

describe('a buffer', () => {
  const word = fc.bigInt({ min: 0n, max: noAddress });
  const state = fc.record({
    flags: fc.integer({ min: 0, max: 0xffff }),
    format: fc.integer({ min: 0, max: 0xffff }),
    size: fc.integer({ min: 0, max: 0xffff_ffff }),
    vmx: fc.record({
      vmxonPa: word,
      vmcs12Pa: word,
      smmFlags: fc.integer({ min: 0, max: 0xffff }),
      flags: fc.integer({ min: 0, max: 0xffff_ffff }),
      preemptionTimerDeadline: word,
    }),
    data: fc.uint8Array({ maxLength: 64 }),
  });

  test('says what was written into it', () => {
    fc.assert(
      fc.property(state, written => {
        expect(decodeNestedState(encodeNestedState(written, 'newest'), 'newest')).toMatchObject(written);
      }),
      { seed },
    );
  });

  test('of the 2019 revision too, where it has the field', () => {
    fc.assert(
      fc.property(
        state,
        ({ vmx: { flags: _flags, preemptionTimerDeadline: _deadline, ...vmx }, ...rest }) => {
          const read = decodeNestedState(encodeNestedState({ ...rest, vmx }, '2019'), '2019');
          expect(read).toMatchObject({ ...rest, vmx });
          expect(read.vmx).toMatchObject({ flags: 0, preemptionTimerDeadline: 0n });
        },
      ),
      { seed },
    );
  });

  test('that the revision or the union cannot hold is refused by the encoder', () => {
    expect(() => encodeNestedState({ vmx: { flags: 1 } }, '2019')).toThrow(
      'the 2019 revision has no hdr.vmx.flags',
    );
    expect(() => encodeNestedState({ vmx: {}, svm: {} }, 'newest')).toThrow('hdr is a union');
    expect(() => encodeNestedState({ size: 2 ** 32 }, 'newest')).toThrow('cannot hold 4294967296 in a u32');
  });

  test('of any bytes gets an answer, and never an exception', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...dialects),
        fc.constantFrom(vcpu, svmVcpu),
        (memory, dialect, host) => {
          const { errno } = validate(memory, host, dialect);
          expect([0, EINVAL, EFAULT]).toContain(errno);
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});

/** What KVM says of the valid buffer with each of these bits flipped, one at a time: ranges of bits, one verdict each. */
function flipped(dialect: Dialect, from: number, bits: number): string[] {
  const buffer = bufferOf(valid, dialect);
  const ranges: { first: number; last: number; verdict: string }[] = [];
  for (let bit = 0; bit < bits; bit++) {
    const corrupted = buffer.slice();
    const at = from + Math.floor(bit / 8);
    const byte = corrupted[at] ?? 0;
    const weight = 2 ** (bit % 8);
    corrupted[at] = Math.floor(byte / weight) % 2 === 1 ? byte - weight : byte + weight;
    const { errno, rule } = validate(corrupted, vcpu, dialect);
    const verdict = `${errno === 0 ? 'accepted' : errno} ${rule}`;
    const last = ranges.at(-1);
    if (last?.verdict === verdict) last.last = bit;
    else ranges.push({ first: bit, last: bit, verdict });
  }
  return ranges.map(
    ({ first, last, verdict }) => `${first === last ? first : `${first}..${last}`}: ${verdict}`,
  );
}

const header = 128;
/** A field, its first byte and its bits, then per revision each bit's verdict: refused, or listed as accepted. */
const fields: readonly [string, number, number, { both: string[] } | Record<Dialect, string[]>][] = [
  [
    'flags',
    0,
    16,
    {
      '2019': ['0: accepted not_in_l2', '1..2: accepted entered', '3..15: -22 flags'],
      newest: [
        '0: accepted not_in_l2',
        '1: accepted entered', // RUN_PENDING
        '2: -22 evmcs',
        '3: accepted entered', // MTF_PENDING
        '4..7: -22 flags',
        '8: accepted entered', // GIF_SET, which VMX does not look at
        '9..15: -22 flags',
      ],
    },
  ],
  ['format', 2, 16, { both: ['0..15: -22 format'] }],
  [
    'size', // bit 13 leaves 128 bytes; any other bit makes it larger, or smaller by less than the shadow needs
    4,
    32,
    {
      '2019': ['0..12: accepted entered', '13: accepted empty', '14..31: accepted entered'],
      newest: ['0..12: accepted entered', '13: -22 room', '14..31: accepted entered'],
    },
  ],
  [
    'vmxon_pa',
    8,
    64,
    { both: ['0..11: -22 vmxon_pa', '12..45: accepted entered', '46..63: -22 vmxon_pa'] },
  ],
  [
    'vmcs12_pa',
    16,
    64,
    { both: ['0..11: -22 vmcs12_pa', '12..45: accepted entered', '46..63: -22 vmcs12_pa'] },
  ],
  ['smm.flags', 24, 16, { both: ['0: -22 smm_guest_mode', '1: -22 smm', '2..15: -22 smm_flags'] }],
  ['pad', 26, 16, { both: ['0..15: accepted entered'] }],
  [
    'vmx.flags',
    28,
    32,
    { '2019': ['0..31: accepted entered'], newest: ['0: accepted entered', '1..31: -22 vmx_flags'] },
  ],
  ['preemption_timer_deadline', 32, 64, { both: ['0..63: accepted entered'] }],
  ['the rest of the header', 40, 8 * (header - 40), { both: ['0..703: accepted entered'] }],
  // the shadow-VMCS indicator of the current vmcs12 is not looked at
  ["the vmcs12's first word", header, 32, { both: ['0..30: -22 revision', '31: accepted entered'] }],
  ["the shadow vmcs12's first word", header + pageOfData, 32, { both: ['0..31: -22 shadow'] }],
];

describe.each(dialects)(
  'a valid buffer with one bit flipped (%s) is refused, or listed as accepted, in',
  dialect => {
    test.each(fields)('%s', (_field, from, bits, expected) => {
      expect(flipped(dialect, from, bits)).toEqual('both' in expected ? expected.both : expected[dialect]);
    });

    test('nothing: the buffer itself is accepted', () => {
      expect(validate(bufferOf(valid, dialect), vcpu, dialect)).toMatchObject({
        errno: 0,
        rule: 'entered',
      });
    });
  },
);

describe.each(dialects)('memory that ends early (%s)', dialect => {
  test('is a fault wherever the kernel copies from it, and nowhere else', () => {
    const buffer = bufferOf(valid, dialect);
    const ranges: string[] = [];
    let last = '';
    for (let length = 0; length <= buffer.length; length++) {
      const { errno, rule } = validate(buffer.slice(0, length), vcpu, dialect);
      const verdict = `${errno} ${rule}`;
      if (verdict !== last) ranges.push(`from ${length}: ${verdict}`);
      last = verdict;
    }
    expect(ranges).toEqual([
      'from 0: -14 copy_header',
      'from 128: -14 copy_vmcs12',
      'from 1126: -14 copy_shadow',
      'from 5222: 0 entered',
    ]);
  });
});

describe('the size that a shadow vmcs12 needs', () => {
  const shadowAt = (size: number, dialect: Dialect): number =>
    validate(bufferOf({ ...valid, size }, dialect), vcpu, dialect).errno;
  test('counts its own page in the newest revision, and two vmcs12 back to back in 2019', () => {
    expect([shadowAt(5221, 'newest'), shadowAt(5222, 'newest')]).toEqual([EINVAL, 0]);
    expect([shadowAt(2123, '2019'), shadowAt(2124, '2019')]).toEqual([EINVAL, 0]);
  });
});
