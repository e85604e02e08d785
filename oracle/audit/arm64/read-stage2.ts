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

export interface MissingStage2 {
  readonly page: bigint;
  readonly level: Stage2Level;
}

export interface Stage2Reading {
  readonly leaves: readonly Stage2Leaf[];
  readonly missing: readonly MissingStage2[];
  /** The physical pages that the table itself lies in. */
  readonly pages: ReadonlySet<bigint>;
  /** Pages that two descriptors refer to: read once. */
  readonly usedTwice: readonly { readonly page: bigint; readonly at: bigint }[];
}

const pageBytes = 4096n;

/**
 * Reads a whole stage-2 table, every descriptor of every page once, in order of address. Time and memory grow with the
 * pages that the memory holds, not with what a broken table claims to map.
 */
export function readStage2(memory: PhysicalMemory, stage2: Stage2): Stage2Reading {
  const reader = new Stage2Reader(memory, stage2.lpa2);
  const { root, rootPages, startLevel, inputBits } = stage2;
  // a root of less than 512 descriptors: the others are beyond the input size
  const entries = 2 ** Math.min(9, inputBits - entryShift(startLevel));
  for (let index = 0; index < rootPages; index++) {
    const page = root + pageBytes * BigInt(index);
    const ipa = BigInt(index) << BigInt(entryShift(startLevel) + 9);
    reader.page({ page, level: startLevel, ipa, from: root, entries });
  }
  return reader;
}

interface TablePage {
  readonly page: bigint;
  readonly level: Stage2Level;
  readonly ipa: bigint;
  /** The address of the descriptor that refers to it. */
  readonly from: bigint;
  readonly entries: number;
}

class Stage2Reader implements Stage2Reading {
  readonly leaves: Stage2Leaf[] = [];
  readonly missing: MissingStage2[] = [];
  readonly pages = new Set<bigint>();
  readonly usedTwice: { readonly page: bigint; readonly at: bigint }[] = [];
  readonly #memory: PhysicalMemory;
  readonly #lpa2: boolean;

  constructor(memory: PhysicalMemory, lpa2: boolean) {
    this.#memory = memory;
    this.#lpa2 = lpa2;
  }

  page({ page, level, ipa, from, entries }: TablePage): void {
    if (this.pages.has(page)) {
      this.usedTwice.push({ page, at: from });
      return;
    }
    this.pages.add(page);
    let unknown = 0;
    const shift = BigInt(entryShift(level));
    for (let index = 0; index < entries; index++) {
      const at = page + 8n * BigInt(index);
      const word = this.#memory.read(at);
      if (word === undefined) unknown++;
      else this.#descriptor(level, ipa + (BigInt(index) << shift), at, word);
    }
    if (unknown > 0) this.missing.push({ page, level });
  }

  #descriptor(level: Stage2Level, ipa: bigint, at: bigint, word: bigint): void {
    const kind = kindOf(word, level, this.#lpa2);
    if (kind === 'table') {
      const lower = (level + 1) as Stage2Level;
      this.page({ page: tableOf(word, this.#lpa2), level: lower, ipa, from: at, entries: 512 });
      return;
    }
    const isValid = kind === 'block' || kind === 'page';
    const output = isValid ? outputOf(word, level, this.#lpa2) : 0n;
    const reservedBits = isValid ? reservedBitsOf(word, level, this.#lpa2) : 0n;
    const size = 1n << BigInt(entryShift(level));
    this.leaves.push({ ipa, size, level, word, at, isValid, output, reservedBits });
  }
}
