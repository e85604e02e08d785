import { type LeafTable, type Range, type Run } from './leaf-table.ts';
import { leafValue, protOf } from './leaf-word.ts';

/**
 * The runs of a range: each physically contiguous and of one `prot`, so that one walk changes it. The accessed and
 * dirty flags are part of `prot`, and cut runs. `undefined` where the range has a hole. facts/pkvm-2026.md 1.2, R3, R9.
 */
export function runsOf(table: LeafTable, range: Range): readonly Run[] | undefined {
  const runs: Run[] = [];
  for (const { start, size, word, phys } of table.leaves(range)) {
    if (!leafValue(word).isPresent) return undefined;
    const prot = protOf(word);
    const last = runs.at(-1);
    if (last !== undefined && last.phys + last.size === phys && last.prot === prot)
      runs[runs.length - 1] = { ...last, size: last.size + size };
    else runs.push({ start, size, phys, prot });
  }
  return runs;
}
