import type { Read } from '../../checker/index.ts';
import { leafValue, protOf } from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import { wordOf } from './remember.ts';
import { BLOCK, type CountedVmSlots, type GuestCell } from './world.ts';

/** Which guest pages have a leaf of their own, and whether a large leaf stands. */
interface Shape {
  readonly small: ReadonlySet<GuestCell>;
  readonly hasBlock: boolean;
}

const regionOf = ({ start }: GuestCell): bigint => start / BLOCK;

/** How many pages tables of this shape take, but for the root. facts/pkvm-2026.md 1.2, R7. */
function pagesOf({ small, hasBlock }: Shape): number {
  const regions = new Set([...small].map(regionOf)).size;
  return regions + (regions > 0 || hasBlock ? 2 : 0);
}

const shapeOf = ({ cells, block }: CountedVmSlots, read: Read): Shape => ({
  small: new Set(cells.filter(({ leaf }) => read(leaf) !== 0n)),
  hasBlock: block !== undefined && read(block.leaf) !== 0n,
});

/** Whether mapping these guest pages takes table pages, of which there are none. */
export function mapLacksPages(
  vm: CountedVmSlots,
  named: readonly GuestCell[],
  isBlock: boolean,
  read: Read,
): boolean {
  const before = shapeOf(vm, read);
  const after = isBlock
    ? { ...before, hasBlock: true }
    : { ...before, small: new Set([...before.small, ...named]) };
  return pagesOf(after) > pagesOf(before);
}

/** The guest pages in runs: physically one after the other, and of one kind. facts/pkvm-2026.md 1.2, R3. */
function runsOf(vm: CountedVmSlots, named: readonly GuestCell[], read: Read): GuestCell[][] {
  const runs: GuestCell[][] = [];
  for (const cell of named) {
    const word = wordOf(vm, cell, read);
    const last = runs.at(-1)?.at(-1);
    const before = last === undefined ? 0n : wordOf(vm, last, read);
    const follows =
      last !== undefined &&
      leafValue(before).page + last.pages * PAGE_SIZE === leafValue(word).page &&
      protOf(before) === protOf(word);
    if (follows) runs.at(-1)?.push(cell);
    else runs.push([cell]);
  }
  return runs;
}

/** Whether unmapping these guest pages, run by run, lacks a page to split a large leaf with. */
export function unmapLacksPages(vm: CountedVmSlots, named: readonly GuestCell[], read: Read): boolean {
  let { small, hasBlock } = shapeOf(vm, read);
  let pool = 0;
  const inBlock = vm.cells.filter(({ start }) => start >= (vm.block?.start ?? 1n << 64n));
  for (const run of runsOf(vm, named, read)) {
    const had = pagesOf({ small, hasBlock });
    const cut = inBlock.filter(cell => run.includes(cell));
    let taken = 0;
    if (hasBlock && cut.length > 0) {
      hasBlock = false;
      if (cut.length < inBlock.length) {
        if (pool === 0) return true;
        pool -= 1;
        taken = 1;
        small = new Set([...small, ...inBlock]);
      }
    }
    small = new Set([...small].filter(cell => !run.includes(cell)));
    pool += had + taken - pagesOf({ small, hasBlock });
  }
  return false;
}
