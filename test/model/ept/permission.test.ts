import { expect, test } from 'vitest';
import {
  type Access,
  cpuWith,
  guestAccess,
  translate,
  ViolationQualification,
} from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { at, eptEntryAt, gpaAt } from '../../../systems/spp-walk/image.ts';

const gpa = gpaAt(0x280, 4);
const levelsAbove = { 1: [4, 3, 2], 2: [4, 3], 3: [4] } as const;
const leafWord = { 1: at.page['4K'] + 0x30n, 2: at.page['2M'] + 0xb0n, 3: at.page['1G'] + 0xb0n } as const;
const tableWord = { 4: at.ept[3], 3: at.ept[2], 2: at.ept[1] } as const;

const accesses: readonly (readonly [Access, (triple: number) => boolean])[] = [
  [guestAccess('read', gpa), triple => triple % 2 === 1],
  [guestAccess('write', gpa), triple => triple % 4 >= 2],
  [guestAccess('rmw', gpa), triple => triple % 4 >= 2],
  [guestAccess('execute', gpa), triple => triple >= 4],
];

/** Every choice of one triple (bits 2:0) an entry. */
function* triples(entries: number): Generator<readonly number[]> {
  for (let code = 0; code < 8 ** entries; code++) {
    yield Array.from({ length: entries }, (_, i) => Math.floor(code / 8 ** i) % 8);
  }
}

test.each([1, 2, 3] as const)(
  'every combination of permissions of the entries down to a leaf of level %i gives their logical AND',
  leaf => {
    const levels = [...levelsAbove[leaf], leaf];
    const cpu = cpuWith({ eptp: at.ept[4] + 0x1en, maxPhysicalAddressWidth: 46 });
    for (const rights of triples(levels.length)) {
      const memory = sparseMemory(
        levels.map((level, i) => {
          const base = i === levels.length - 1 ? leafWord[leaf] : tableWord[level as 4 | 3 | 2];
          return [eptEntryAt(level), base + BigInt(rights[i] ?? 0)] as const;
        }),
      );
      // top down: the first entry that is not present or permits writes without reads decides
      const stop = rights.findIndex(triple => triple === 0 || triple === 2 || triple === 6);
      const all = rights.reduce((sum, triple) => sum & triple, 7);
      for (const [access, isGranted] of accesses) {
        const outcome = translate(memory, cpu, access);
        if (stop >= 0) {
          const kind = rights[stop] === 0 ? 'ept_violation' : 'ept_misconfig';
          expect(outcome).toMatchObject({ kind, level: levels[stop] });
        } else {
          expect(outcome).toMatchObject({
            kind: isGranted(all) ? 'allowed' : 'ept_violation',
            level: leaf,
          });
        }
        if (outcome.kind !== 'ept_violation') continue;
        const { readable, writable, executable } = ViolationQualification.decode(outcome.qualification);
        const reported = stop >= 0 ? 0 : all;
        expect([readable, writable, executable]).toEqual([
          reported % 2 === 1,
          reported % 4 >= 2,
          reported >= 4,
        ]);
      }
    }
  },
);
