import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Question, Word } from '../../../model/bits/index.ts';
import {
  cpuWith,
  entryAddress,
  EptMemoryType,
  Eptp,
  guestAccess,
  type OutcomeKind,
  translate,
} from '../../../model/ept/index.ts';
import { observedMemory, type PhysicalMemory } from '../../../model/memory/index.ts';
import {
  guardedLeaf,
  isGuarded,
  openLeaf,
  PkvmLeaf,
  tableEntry,
  viewOf,
  withState,
} from '../../../model/pkvm/index.ts';

const stateBits = PkvmLeaf.mask('pageState');
const gpa = 0x3000n;
const upper = new Map<bigint, bigint>([
  [entryAddress(0x1000n, 4, gpa), tableEntry(0x4000n)],
  [entryAddress(0x4000n, 3, gpa), tableEntry(0x5000n)],
  [entryAddress(0x5000n, 2, gpa), tableEntry(0x6000n)],
]);
const cpu = cpuWith({
  eptp: Eptp.encode({ memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, table: 0x1000n }),
  spptp: 0x2000n,
  controls: { spp: true },
});

/** A walk through tables that grant everything to a leaf of any content, and to an SPPT of any content. */
function walksToAnyLeaf(kind: 'read' | 'write'): {
  ends: Set<OutcomeKind>;
  asked: Question[];
  paths: number;
} {
  const [ends, asked] = [new Set<OutcomeKind>(), [] as Question[]];
  const path: { answer: number; answers: number }[] = [];
  let paths = 0;
  do {
    let at = 0;
    const any = observedMemory(answers => {
      if (path[at] === undefined) path.push({ answer: 0, answers });
      return path[at++]?.answer ?? 0;
    });
    const memory: PhysicalMemory<Word> = { read: address => upper.get(address) ?? any.read(address) };
    ends.add(translate(memory, cpu, guestAccess(kind, gpa)).kind);
    asked.push(...any.questions);
    paths++;
    while ((path.at(-1)?.answer ?? 0) + 1 === path.at(-1)?.answers) path.pop();
    const last = path.at(-1);
    if (last !== undefined) last.answer++;
  } while (path.length > 0);
  return { ends, asked, paths };
}

test.each(['read', 'write'] as const)(
  'a %s ends as it does whatever bits 57:56 of the leaf say: no walk, of any leaf and any SPPT, asks for them',
  kind => {
    const { ends, asked, paths } = walksToAnyLeaf(kind);
    expect(paths).toBeGreaterThan(5);
    expect(ends.has('allowed') && ends.has('ept_violation')).toBe(true);
    expect(ends.has('spp_miss')).toBe(kind === 'write');
    expect(asked.filter(({ word, mask }) => word === 0 && (mask & stateBits) !== 0n)).toEqual([]);
  },
);

const anyWord = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('guarding and opening any leaf changes W and bit 61 alone, and the page state is read as before', () => {
  const both = PkvmLeaf.mask('write') | PkvmLeaf.mask('subPageWrite');
  fc.assert(
    fc.property(anyWord, leaf => {
      for (const after of [guardedLeaf(leaf), openLeaf(leaf)]) {
        expect((after ^ leaf) & ~both).toBe(0n);
        expect(viewOf(after).pageState).toBe(viewOf(leaf).pageState);
      }
    }),
  );
});

test('a state written into any leaf leaves bit 61 as it is', () => {
  fc.assert(
    fc.property(anyWord, fc.constantFrom(0, 1, 2, 3), (leaf, state) => {
      expect(isGuarded(withState(leaf, state))).toBe(isGuarded(leaf));
    }),
  );
});
