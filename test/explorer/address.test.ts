import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExploreAddress, formatAddress, panels, parseAddress, start } from '../../explorer/address.ts';
import { examples } from '../../explorer/walk/examples.ts';
import {
  formatInput,
  inputOfVector,
  memoryLines,
  parseInput,
  parseInputLine,
} from '../../explorer/walk/walk-input.ts';
import { translate } from '../../model/ept/index.ts';

const name = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
const explored = fc
  .record({
    path: fc.array(fc.nat(999_999), { maxLength: 20 }),
    back: fc.nat(20),
    panel: fc.constantFrom(...panels),
    names: fc.record({
      system: name,
      profile: name,
      mutant: name,
      slot: name,
      actor: name,
      operation: name,
    }),
  })
  .map(({ path, back, panel, names }): ExploreAddress => {
    const given = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
    return { ...start, ...given, path, at: Math.max(0, path.length - back), panel };
  });

describe('an address', () => {
  test('gives back every view that it was made of', () => {
    fc.assert(
      fc.property(explored, address => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
      { seed: 11 },
    );
  });

  test('is read whatever it says: what is missing or wrong is as at the start', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(['explore', 'walk']).toContain(parseAddress(`#${text}`).view);
      }),
      { seed: 12 },
    );
    expect(parseAddress('')).toEqual(start);
    expect(parseAddress('#/explore?path=1.x.3&at=9&panel=none')).toEqual(start);
    expect(parseAddress('#/explore?path=1.2.3&at=7')).toMatchObject({ at: 3 });
  });
});

describe('the input of a walk', () => {
  const outcomeOf = (input: (typeof examples)[number]['input']): string => {
    const parsed = parseInput(input);
    if (!parsed.ok) throw new Error(parsed.why);
    const { kind } = translate(parsed.memory, parsed.cpu, parsed.access);
    return kind;
  };

  test('survives the way through the address', () => {
    for (const { input } of examples) expect(parseInputLine(formatInput(input))).toEqual(input);
  });

  test('of each example ends as its name says', () => {
    expect(examples.map(({ name: says, input }) => `${says} > ${outcomeOf(input)}`)).toEqual([
      'a write that exits with 66: SPPT miss > spp_miss',
      'a write that exits with 66: SPPT misconfiguration > spp_misconfig',
      'a write that its sub-page allows > allowed',
      'a write that its sub-page denies: exit 48 > ept_violation',
      'a write across two sub-pages, one of them denied > ept_violation',
      'a read of the same page > allowed',
      'a writable page: bit 61 is not looked at > allowed',
      'a 2-MByte page: bit 61 means nothing > ept_violation',
      'the control is off: bit 61 means nothing > ept_violation',
      'no entry: EPT violation 48 > ept_violation',
      'writable but not readable: EPT misconfiguration 49 > ept_misconfig',
    ]);
  });

  test('says which line of the memory is no address and word', () => {
    expect(memoryLines('0x1000 0x7\n\n0x10_0000: 0x0000_0000_0000_0001')).toEqual({
      '0x1000': '0x7',
      '0x100000': '0x0000000000000001',
    });
    expect(memoryLines('0x1000 0x7\nnonsense')).toMatch(/^memory, line 2: expected an address and a word/);
  });

  test('is filled from a vector, and from nothing else', () => {
    const input = inputOfVector({
      eptp: '0x1001e',
      controls: { spp: true, executeOnly: false },
      memory: { '0x10000': '0x11007' },
      access: { kind: 'write', gpa: '0x5000', userMode: true },
    });
    expect(input).toMatchObject({ switches: ['spp', 'noExecuteOnly', 'user'], memory: '0x10000 0x11007' });
    expect(inputOfVector({ eptp: 7 })).toBeUndefined();
  });
});
