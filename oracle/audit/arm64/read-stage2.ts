import {
  entryShift,
  kindOf,
  outputOf,
  reservedBitsOf,
  type Stage2,
  type Stage2Level,
  tableOf,
} from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import { type PagesRead, readPages } from '../read-pages.ts';

/** One descriptor that ends a walk: a block, a page, or an invalid one, for all the addresses that it covers. */
export interface Stage2Leaf {
  /** The first intermediate physical address, and how many bytes. */
  readonly ipa: bigint;
  readonly size: bigint;
  readonly level: Stage2Level;
  readonly word: bigint;
  readonly at: bigint;
  readonly isValid: boolean;
  /** The physical address that `ipa` maps to; 0 where it maps none. */
  readonly output: bigint;
  /** Bits that the architecture reserves and that are set. */
  readonly reservedBits: bigint;
}

export interface Stage2Reading extends PagesRead<Stage2Level> {
  readonly leaves: readonly Stage2Leaf[];
}

const pageBytes = 4096n;

/** Reads a whole stage-2 table: every descriptor in which a walk ends, in order of address. */
export function readStage2(memory: PhysicalMemory, stage2: Stage2): Stage2Reading {
  const { root, rootPages, startLevel, inputBits, lpa2 } = stage2;
  const leaves: Stage2Leaf[] = [];
  // a root of less than 512 descriptors: the others are beyond the input size
  const entries = 2 ** Math.min(9, inputBits - entryShift(startLevel));
  const roots = Array.from({ length: rootPages }, (_, index) => ({
    page: root + pageBytes * BigInt(index),
    level: startLevel,
    gpa: BigInt(index) << BigInt(entryShift(startLevel) + 9),
    from: root,
    entries,
  }));
  const covers = (level: Stage2Level): bigint => 1n << BigInt(entryShift(level));
  const read = readPages<Stage2Level>(memory, roots, covers, ({ level, gpa, size, at, word }) => {
    const kind = kindOf(word, level, lpa2);
    if (kind === 'table') return { page: tableOf(word, lpa2), level: (level + 1) as Stage2Level };
    const isValid = kind === 'block' || kind === 'page';
    const output = isValid ? outputOf(word, level, lpa2) : 0n;
    const reservedBits = isValid ? reservedBitsOf(word, level, lpa2) : 0n;
    leaves.push({ ipa: gpa, size, level, word, at, isValid, output, reservedBits });
    return undefined;
  });
  return { leaves, ...read };
}
