import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeBootSuite } from '../../../cli/suite/boot.ts';
import { isDeepStrictEqual } from 'node:util';
import {
  guestAccess,
  normative,
  readings,
  rulesWith,
  translate,
  type WalkRules,
} from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { fromVector, walkVector } from '../../../oracle/protocol/walk-vector.ts';
import { expectedOf } from '../../../oracle/processor/expected.ts';
import { type BootCase, caseOf, unmakeable } from '../../../suites/boot/case.ts';
import { bootCases, bootPlaces, unbootable } from '../../../suites/boot/index.ts';
import { relocated } from '../../../suites/boot/relocate.ts';
import { pathVectors } from '../../../suites/walk-vectors/path-vectors.ts';
import { defaultSettings } from '../../../systems/spp-walk/every-word/prove.ts';
import { tablePagesOf } from '../../../suites/boot/places.ts';
import { usualPlaces } from '../../../suites/walk-vectors/places.ts';
import { hasGcc } from '../../gcc.ts';

const { cases, leftOut } = bootCases(bootPlaces);

test('every vector that an instruction can make is a case, with what single walks do not show; each has its own name', () => {
  // 2,336 vectors without the 292 that have no linear address, and 1,046 of controls and pairs of entries
  expect(cases).toHaveLength(2_336 - 292 + 1_046);
  expect([...leftOut]).toEqual([['an access without a linear address', 292]]);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
});

test('all words of all cases lie in the pages that are cleared for each, and every access is to the one page', () => {
  const tables = new Set(tablePagesOf(bootPlaces));
  for (const { words, accesses } of cases) {
    for (const address of words.keys()) expect(tables.has(address - (address % 4096n))).toBe(true);
    for (const { gpa } of accesses) expect(gpa - (gpa % 4096n)).toBe(bootPlaces.gpa);
  }
});

test('every reading of the sources shows in some case, but the one of accesses without a linear address', () => {
  const outcomeOf = ({ words, cpu, accesses: [access, then] }: BootCase, walk: WalkRules): unknown => {
    const { outcome, writes } = expectedOf({ memory: words, access, then }, cpu, { walk, shortcuts: [] });
    return { kind: outcome.kind, ...('qualification' in outcome && { q: outcome.qualification }), writes };
  };
  const usual = cases.map(one => outcomeOf(one, normative));
  const unseen = readings.filter(reading => {
    const rules = rulesWith([reading]);
    return !cases.some((one, at) => !isDeepStrictEqual(outcomeOf(one, rules), usual[at]));
  });
  expect(unseen.map(({ name }) => name)).toEqual(['no-linear-address-eligible']);
});

test("an update of a guest's page-table entry is a read of it and a write to it", () => {
  const access = guestAccess('write', bootPlaces.gpa, { pageWalk: true, size: 4 });
  const [first] = cases;
  const { accesses } = caseOf('x', first?.cpu ?? expect.fail(), new Map(), access);
  expect(accesses.map(({ kind, size, pageWalk }) => [kind, size, pageWalk])).toEqual([
    ['read', 8, true],
    ['write', 8, true],
  ]);
});

test('a path of the proof keeps its ending in the tables of these places', () => {
  const setting = defaultSettings().find(({ name }) => name === 'write: SPP; 4 levels; N = 46');
  if (setting === undefined) throw new Error('the proof has no such setting');
  let moved = 0;
  for (const line of pathVectors(undefined, [setting])) {
    const { memory, cpu, access } = fromVector(walkVector.parse(line));
    const words = Object.keys(line.memory as object).map(
      at => [BigInt(at), memory.read(BigInt(at)) ?? 0n] as const,
    );
    const there = relocated(caseOf('x', cpu, new Map(words), access), bootPlaces);
    if (there === undefined) continue;
    moved++;
    const [first] = there.accesses;
    const outcome = translate(sparseMemory(there.words, 'zero'), there.cpu, first);
    expect({ id: line.id, kind: outcome.kind }).toEqual({
      id: line.id,
      kind: translate(memory, cpu, access).kind,
    });
  }
  // "A write under SPP is 445 paths"
  expect(moved).toBe(445);
});

test('a walk of five levels has no place', () => {
  const [one] = cases;
  if (one === undefined) throw new Error('no case');
  const eptp = one.cpu.eptp + 8n;
  expect(relocated({ ...one, cpu: { ...one.cpu, eptp } }, bootPlaces)).toBeUndefined();
});

test.each([
  ['without a linear address', { linearValid: false }],
  ['of 3 bytes', { size: 3 }],
  ['over the end of a page', { gpa: 0xffcn, size: 8 }],
  ["that the guest's own tables refuse", { guestWritable: false }],
  ['a whole entry', { gpa: 4n, pageWalk: true }],
  ['shadow-stack', { kind: 'shadow_stack_write' as const }],
])('an access %s is left out', (why, more) => {
  expect(unmakeable({ ...guestAccess('write', 0n), ...more })).toContain(why);
});

test.each([
  ['the first 512 GByte', { gpa: 0x1000n }],
  ['at most 39 bits', { maxphyaddr: 39 }],
  ['the first MByte', usualPlaces],
  [
    "the hypervisor's image",
    { at: { ...bootPlaces.at, page: { ...bootPlaces.at.page, '4K': 0x80_0000n } } },
  ],
  ['above 16 MBytes', { at: { ...bootPlaces.at, page: { ...bootPlaces.at.page, '2M': 0x100_0000n } } }],
  ['used twice', { at: { ...bootPlaces.at, page: { ...bootPlaces.at.page, '4K': 0x21_0000n } } }],
])('places are refused: %s', (why, places) => {
  expect(unbootable({ ...bootPlaces, ...places })).toContain(why);
  expect(unbootable(bootPlaces)).toBeUndefined();
});

test.skipIf(!hasGcc)('gcc and binutils build an image that a BIOS boots', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-boot-'));
  try {
    writeBootSuite({ out: folder });
    execFileSync('sh', [join(folder, 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
    const image = readFileSync(join(folder, 'disk.img'));
    expect(image.readUInt16LE(510)).toBe(0xaa55);
    expect(image).toHaveLength(20 * 16 * 63 * 512);
    // boot sector, then the image, which ends before the disk does
    expect(statSync(join(folder, 'text.bin')).size).toBeGreaterThan(500_000);
    expect(image.includes('intel-machine-record/1')).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
