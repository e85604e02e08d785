import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  copySubpageArgument,
  decodeSppExit,
  encodeSppExit,
  encodeSubpageArgument,
  Errno,
  errnoText,
  failure,
  KvmSubpage,
  KvmSubpageFixed,
  KvmSubpageInfo,
  revision,
  revisions,
  subpageReply,
  userBuffer,
} from '../../../model/kvm/index.ts';

const active = { active: true, memoryAvailable: true };
const none = { gfn: 0x1ffn, flags: 0, accessMap: [] };
const copy = (
  name: Parameters<typeof revision>[0],
  buffer: Uint8Array,
  conditions = active,
): string | readonly number[] => {
  const copied = copySubpageArgument(revision(name), conditions, userBuffer(buffer));
  return copied.ok ? copied.argument.accessMap : errnoText(copied.result);
};

test('the error numbers are those of Linux', () => {
  expect(Errno).toEqual({ EPERM: 1, ENOMEM: 12, EFAULT: 14, ENODEV: 19, EINVAL: 22 });
  expect(failure('EFAULT')).toBe(-14);
  expect(errnoText(-14)).toBe('-EFAULT');
  expect(errnoText(2)).toBe('2');
});

describe('v8 to v12: header, flags, flexible array', () => {
  const two = KvmSubpage.encode({ gfn_base: 0x1ffn, npages: 2, access_map: [0x7fffffff, 0] });

  test('a well-formed buffer gives one vector a page', () => {
    expect(copy('v12', two)).toEqual([0x7fffffff, 0]);
  });
  test('SPP not enabled is -ENODEV, before the buffer is looked at', () => {
    expect(copy('v12', new Uint8Array(0), { active: false, memoryAvailable: true })).toBe('-ENODEV');
  });
  test('an unreadable header is -EFAULT', () => {
    expect(copy('v12', two.subarray(0, 15))).toBe('-EFAULT');
  });
  test('any flag is -EINVAL', () => {
    for (let bit = 0; bit < 32; bit++) {
      const flags = 2 ** bit;
      expect(copy('v12', KvmSubpage.encode({ npages: 1, flags, access_map: [0] })), `bit ${bit}`).toBe(
        '-EINVAL',
      );
    }
  });
  test('512 pages are accepted, 513 are -EINVAL', () => {
    const map = (n: number): number[] => Array.from({ length: n }, () => 5);
    expect(copy('v12', KvmSubpage.encode({ npages: 512, access_map: map(512) }))).toHaveLength(512);
    expect(copy('v12', KvmSubpage.encode({ npages: 513, access_map: map(513) }))).toBe('-EINVAL');
  });
  test('no pages are no error: 0, without memory or array', () => {
    const empty = KvmSubpage.encode({ npages: 0 });
    expect(copy('v12', empty, { active: true, memoryAvailable: false })).toBe('0');
  });
  test('no memory for the copy is -ENOMEM', () => {
    expect(copy('v12', two, { active: true, memoryAvailable: false })).toBe('-ENOMEM');
  });
  test('an array that cannot be read to its end is -EFAULT', () => {
    expect(copy('v12', two.subarray(0, 23))).toBe('-EFAULT');
  });
});

describe('v3 to v7: the array in the structure', () => {
  const argument = (npages: bigint): Uint8Array => {
    const access_map = Array.from({ length: 64 }, (_, i) => i);
    return KvmSubpageFixed.encode({ base_gfn: 3n, npages, access_map });
  };
  test('1 to 64 pages', () => {
    for (let n = 1; n <= 64; n++) expect(copy('v7', argument(BigInt(n)))).toHaveLength(n);
  });
  test('0 and more than 64 pages are -EINVAL, also beyond 32 bits', () => {
    for (const n of [0n, 65n, 1n << 32n, (1n << 64n) - 1n])
      expect(copy('v4', argument(n)), String(n)).toBe('-EINVAL');
  });
  test('one byte short is -EFAULT', () => {
    expect(copy('v4', argument(1n).subarray(0, 271))).toBe('-EFAULT');
  });
  test('not enabled is -ENODEV', () => {
    expect(copy('v4', argument(1n), { active: false, memoryAvailable: true })).toBe('-ENODEV');
  });
});

describe('RFC V2: the array behind a pointer', () => {
  const header = KvmSubpageInfo.encode({ gfn: 3n, npages: 2n, access_map: 24n });
  const elements = Uint8Array.from([1, 0, 0, 0, 9, 9, 9, 9, 2, 0, 0, 0, 0, 0, 0, 0]);

  test('each element is 64 bits wide, of which the low half is the vector', () => {
    expect(copy('rfc-v2', Uint8Array.from([...header, ...elements]))).toEqual([1, 2]);
  });
  test('an array that is not there is -EFAULT, and so is half a header', () => {
    expect(copy('rfc-v2', header)).toBe('-EFAULT');
    expect(copy('rfc-v2', header.subarray(0, 23))).toBe('-EFAULT');
  });
});

test('whatever user space encodes, the kernel copies, in every revision with the array in the argument', () => {
  const vectors = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 64 });
  const rows = revisions.filter(row => row.argument !== 'pointer');
  fc.assert(
    fc.property(
      fc.constantFrom(...rows),
      fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }),
      vectors,
      (row, gfn, accessMap) => {
        const argument = { gfn, npages: accessMap.length, flags: 0, accessMap };
        const copied = copySubpageArgument(row, active, userBuffer(encodeSubpageArgument(row, argument)));
        expect(copied).toEqual({ ok: true, argument });
        expect(subpageReply(row, argument, accessMap)).toEqual(encodeSubpageArgument(row, argument));
      },
    ),
    { seed: 4 },
  );
});

test('the fixed array cannot be asked to hold 65 vectors', () => {
  const accessMap = Array.from({ length: 65 }, () => 0);
  expect(() => encodeSubpageArgument(revision('v4'), { ...none, npages: 65, accessMap })).toThrow(
    RangeError,
  );
});

describe('KVM_EXIT_SPP in the page that user space shares with KVM', () => {
  const exit = { address: 0x1ff100n, instructionBytes: 7 };

  test('v12: exit reason 29 at byte 8, the address at 32, the length of the instruction at 40', () => {
    const page = encodeSppExit(revision('v12'), exit);
    const view = new DataView(page.buffer);
    expect([view.getUint32(8, true), view.getBigUint64(32, true), view.getUint8(40)]).toEqual([
      29,
      0x1ff100n,
      7,
    ]);
    expect(decodeSppExit(revision('v12'), page)).toEqual(exit);
  });

  test('up to v7 nobody tells how long the instruction is', () => {
    const page = encodeSppExit(revision('rfc-v1'), exit);
    expect(page).toHaveLength(40);
    expect(decodeSppExit(revision('rfc-v1'), page)).toEqual({ ...exit, instructionBytes: undefined });
  });

  test('a tool that was built for v9 does not recognise the exit of v10: its number has moved', () => {
    expect(decodeSppExit(revision('v9'), encodeSppExit(revision('v10'), exit))).toBeUndefined();
  });
});
