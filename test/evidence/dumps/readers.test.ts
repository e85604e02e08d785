import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  type Dump,
  type DumpRefusal,
  fetchCommand,
  readDump,
} from '../../../evidence/dumps/index.ts';
import { elfCore, renderings } from '../../arbitraries/dump-text.ts';

const seed = 20260101;
const golden = join(import.meta.dirname, '../../golden/dumps');

const dumpOf = (content: string | Uint8Array, base?: bigint): Dump => {
  const result = readDump(
    bytesOf(typeof content === 'string' ? new TextEncoder().encode(content) : content),
    base,
  );
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.dump;
};
const refusalOf = (content: string | Uint8Array, base?: bigint): DumpRefusal => {
  const result = readDump(
    bytesOf(typeof content === 'string' ? new TextEncoder().encode(content) : content),
    base,
  );
  if (result.ok) throw new Error(`read as ${result.dump.format}`);
  return result.refusal;
};

/** The page that the golden files show, at 0x10000. */
const page = (address: bigint): bigint => {
  const words: Record<string, bigint> = {
    '0': 0x0000_0000_0001_1007n,
    '1': 0x0100_0000_0000_3037n,
    '2': 0x0200_0000_0000_4037n,
    '3': 0x0000_0000_0000_2000n,
    '4': 0x2000_0000_0005_6031n,
    '510': 0x4865_6c6c_6f21_200an,
    '511': 0x8000_0000_0000_0000n,
  };
  return words[String(Number(address) / 8)] ?? 0n;
};

describe('what the tools really print', () => {
  const files = [
    ['gdb.txt', 'gdb', undefined],
    ['hexdump.txt', 'hexdump', 0x10000n],
    ['xxd.txt', 'xxd', 0x10000n],
    ['xxd-e.txt', 'xxd', 0x10000n],
    ['od.txt', 'od', 0x10000n],
    ['od-octal.txt', 'od', 0x10000n],
    ['page.bin', 'raw', 0x10000n],
    ['qemu-xp.txt', 'qemu-xp', undefined],
    ['crash.txt', 'crash', undefined],
  ] as const;
  for (const [file, format, base] of files) {
    test(`${file} is recognised as ${format} and every word of the page is read, repeated lines too`, () => {
      const dump = dumpOf(readFileSync(join(golden, file)), base);
      expect(dump.format).toBe(format);
      expect(dump.ranges).toEqual([{ start: 0x10000n, end: 0x11000n }]);
      for (let at = 0n; at < 0x1000n; at += 8n) expect(dump.read(0x10000n + at)).toBe(page(at));
      expect([dump.read(0xfff8n), dump.read(0x11000n)]).toEqual([undefined, undefined]);
    });
  }
});

describe('any memory', () => {
  const memory = fc.record({
    pageNumber: fc.nat(0xff_ffff),
    words: fc.array(
      fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 0x2020_2020_2020_2020n)),
      { minLength: 4, maxLength: 40 },
    ),
  });
  const bytesFor = (words: readonly bigint[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(words.length * 8));
    words.forEach((word, i) => view.setBigUint64(8 * i, word, true));
    return new Uint8Array(view.buffer);
  };

  for (const [format, render] of Object.entries(renderings)) {
    test(`reads back from ${format} as it was`, () => {
      fc.assert(
        fc.property(memory, ({ pageNumber, words }) => {
          // hexdump and xxd print eight digits of an offset
          const address = (pageNumber * 4096) % 2 ** 32;
          const text = render(address, bytesFor(words));
          const dump = dumpOf(text);
          expect(dump.format).toBe(format);
          words.forEach((word, i) => expect(dump.read(BigInt(address + 8 * i))).toBe(word));
          expect(dump.read(BigInt(address + 8 * words.length))).toBeUndefined();
        }),
        { seed, numRuns: 60 },
      );
    });
  }

  test('reads back from raw bytes at a base, and from the blocks of an ELF core', () => {
    fc.assert(
      fc.property(memory, ({ pageNumber, words }) => {
        const address = BigInt(pageNumber) * 4096n;
        const bytes = bytesFor(words);
        const raw = dumpOf(bytes, address);
        const elf = dumpOf(
          elfCore([
            { physical: 0n, bytes: new Uint8Array(16) },
            { physical: address + 4096n, virtual: 0xffff_8000_0000_0000n, bytes },
          ]),
        );
        words.forEach((word, i) => {
          expect(raw.read(address + BigInt(8 * i))).toBe(word);
          expect(elf.read(address + 4096n + BigInt(8 * i))).toBe(word);
        });
        expect(elf.read(16n)).toBe(address === 0n && words.length > 512 ? words[0] : undefined);
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe('a dump that does not say what memory holds is refused with what to run instead', () => {
  const line = '0000000000010000: 0x0000000000011007 0x0000000000000000\n';
  const cases: readonly [string, string | Uint8Array, RegExp, RegExp | undefined, number | undefined][] = [
    ['a kernel address in QEMU', 'ffffffff81a00000: 0x0000000000011007\n', /virtual address/, /^xp /, 1],
    ['an echoed x of QEMU', `(qemu) x /2gx 0x10000\n${line}`, /reads virtual memory/, /^xp /, 1],
    [
      'an echoed rd without -p',
      'crash> rd 10000 2\n           10000:  0000000000011007 0000000000000000   ................\n',
      /reads virtual memory/,
      /^rd -p/,
      1,
    ],
    [
      'a kernel address in gdb',
      '0xffffffff81a00000:\t0x0000000000000001\n',
      /virtual address/,
      /PhyMemMode:1/,
      1,
    ],
    [
      'two formats in one file',
      `${line}0x10010:\t0x0000000000000001\t0x0000000000000002\n`,
      /gdb dump in a qemu-xp dump/,
      undefined,
      2,
    ],
    [
      'a line of something else',
      `${line}Segmentation fault\n`,
      /not a line of a qemu-xp dump/,
      undefined,
      2,
    ],
    [
      'two values for one word',
      `${line}0000000000010000: 0x0000000000000007\n`,
      /another value before/,
      undefined,
      2,
    ],
    ['a kdump', `KDUMP   ${'\0'.repeat(64)}`, /kdump/, /without -z/, undefined],
    ['a gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), /gzip/, /gunzip/, undefined],
    ['raw bytes without a base', new Uint8Array(64), /do not say where/, /FILE@0x/, undefined],
    [
      'octal or hex offsets',
      '0010000 0000000000011007 0000000000000000\n0010010\n',
      /octal, decimal or hex/,
      /od -Ax/,
      undefined,
    ],
    [
      'an xxd of zeros in groups of eight',
      '00000000: 0000000000000000 0000000000000007  ................\n',
      /either order/,
      /^xxd/,
      undefined,
    ],
    ['an empty file', '', /empty/, undefined, undefined],
    ['prose', 'it hangs when I start the guest\n', /none of the formats/, /^xp/, undefined],
    ['JSON of something else', '{"a": 1}', /0xADDRESS/, undefined, undefined],
    ['broken JSON', '[["0x10000", ', /not JSON/, undefined, undefined],
  ];
  for (const [name, content, why, instead, at] of cases) {
    test(name, () => {
      const refusal = refusalOf(content);
      expect(refusal.why).toMatch(why);
      if (instead !== undefined) expect(refusal.instead).toMatch(instead);
      expect(refusal.line).toBe(at);
    });
  }

  test('the core of a process, whose addresses are virtual', () => {
    const core = elfCore([{ physical: 0n, virtual: 0x40_0000n, bytes: new Uint8Array(16) }]);
    expect(refusalOf(core).why).toMatch(/core of a process/);
  });

  test('a base for a dump that has its addresses in it', () => {
    expect(refusalOf(line, 0x1000n).why).toMatch(/has its addresses in it/);
  });
});

test('a word that the dump only holds in part is unknown, not filled with zeros', () => {
  const dump = dumpOf('00010000  07 10 01 00                                       |....|\n00010004\n');
  expect(dump.read(0x10000n)).toBeUndefined();
});

test('the zeros with which od fills its last word are not taken for memory', () => {
  const dump = dumpOf('000000 0000000000011007 0000000000000007\n00000c\n');
  expect([dump.read(0n), dump.read(8n)]).toEqual([0x11007n, undefined]);
});

test('holes that the tool reports stay unknown', () => {
  const dump = dumpOf(
    '(qemu) xp /2gx 0x10000\n0000000000010000: 0x0000000000000001\nCannot access memory\n(qemu) \n',
  );
  expect([dump.read(0x10000n), dump.read(0x10008n)]).toEqual([1n, undefined]);
});

test('the command that fetches a page is in the language of the tool that made the dump', () => {
  expect(fetchCommand('qemu-xp', 0x13000n)).toBe('xp /512gx 0x13000');
  expect(fetchCommand('gdb', 0x13000n)).toBe('x/512gx 0x13000');
  expect(fetchCommand('crash', 0x13000n)).toBe('rd -p -64 13000 512');
  expect(fetchCommand('elf-core', 0x13000n)).toBe('dump-guest-memory page-0x13000.elf 0x13000 4096');
});

describe('bytes that nobody meant', () => {
  test('are read or refused, never thrown at the caller', () => {
    const text = fc.stringMatching(/^[0-9a-fx:*|.<>"[\]{}, \t\n()q-]{0,200}$/);
    const cut = fc
      .tuple(fc.constantFrom(...Object.values(renderings)), fc.nat(300), fc.nat(400))
      .map(([render, cutAt, junkAt]) => {
        const whole = render(0x10000, new Uint8Array(64).fill(65));
        return whole.slice(0, cutAt) + String.fromCharCode(junkAt) + whole.slice(cutAt + 1);
      });
    const binary = fc.uint8Array({ maxLength: 300 });
    const elf = fc.tuple(fc.nat(200), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, junk]) => {
      const file = elfCore([{ physical: 0n, bytes: new Uint8Array(32) }]);
      file.set(junk, Math.min(at, file.length - junk.length));
      return file;
    });
    fc.assert(
      fc.property(
        fc.oneof(text, cut, binary, elf),
        fc.option(fc.bigInt(0n, 2n ** 60n)),
        (content, base) => {
          const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
          const result = readDump(bytesOf(bytes), base ?? undefined);
          if (result.ok) for (const at of [0n, 0x10000n, 2n ** 60n]) result.dump.read(at);
          else expect(result.refusal.why).not.toBe('');
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  test('a line without an end is cut at the longest that is taken', () => {
    expect(refusalOf(`${'0'.repeat(300_000)}: 0x1\n`).why).toMatch(/none of the formats/);
  });
});
