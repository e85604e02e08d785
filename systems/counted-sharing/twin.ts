import type { Action, Slot, Step, Twin } from '../../checker/index.ts';
import { CountedBlock, countedErrnoName, leafValue, stateName } from '../../model/pkvm/counted/index.ts';
import type { SharingCall } from './calls.ts';
import { boxOf, isSameBox, showBox } from './page-box.ts';
import { NoState, predict, type Prediction } from './prediction.ts';
import { wordOf } from './remember.ts';
import type { CountedSlots, CountedVmSlots, GuestCell } from './world.ts';

const shown = (result: number | string): string =>
  typeof result === 'number' ? countedErrnoName(result) : result;

/** Where pages and guest leaves do not go where the protocol sends them. */
function pageDisagreement(world: CountedSlots, { pages }: Prediction, { after }: Step): string | undefined {
  for (const [{ record }, next] of pages) {
    const reached = boxOf(after(record), world.size.counts);
    if (typeof reached === 'string') return `${record.name}: after the call ${reached}`;
    if (!isSameBox(reached, next))
      return `${record.name}: the protocol goes to ${showBox(next)}, the bits to ${showBox(reached)}`;
  }
  return undefined;
}

function leafDisagreement(
  vmOf: ReadonlyMap<GuestCell, CountedVmSlots>,
  { leaves }: Prediction,
  { after }: Step,
): string | undefined {
  for (const [cell, wanted] of leaves) {
    const vm = vmOf.get(cell);
    const { isPresent, page, pageState } = leafValue(vm === undefined ? 0n : wordOf(vm, cell, after));
    const reached = isPresent ? `${stateName(pageState)} of 0x${page.toString(16)}` : 'nothing';
    const expected =
      wanted === undefined ? 'nothing' : `${stateName(wanted.state)} of 0x${wanted.page.toString(16)}`;
    if (reached !== expected)
      return `${cell.leaf.name}: the protocol maps ${expected} there, the bits ${reached}`;
  }
  return undefined;
}

/** A word that changed although the protocol moves nothing that it belongs to; of a large leaf that is split, what it said. */
function strayWrite(
  world: CountedSlots,
  { pages, leaves, mapped }: Prediction,
  { before, after, changed }: Step,
): string | undefined {
  const involved = new Set<Slot>([
    ...[...pages.keys()].flatMap(({ record, host }) => [record, host]),
    ...mapped.map(({ host }) => host),
  ]);
  const words = [
    ...world.pages.flatMap(({ record, host }) => [record, host]),
    ...world.mmio.map(({ host }) => host),
  ];
  const cells = world.vms.flatMap(vm =>
    vm.cells.filter(
      cell =>
        !leaves.has(cell) &&
        (changed.includes(cell.leaf) || (vm.block !== undefined && changed.includes(vm.block.leaf))) &&
        !isSameTranslation(wordOf(vm, cell, before), wordOf(vm, cell, after)),
    ),
  );
  const stray =
    words.find(slot => changed.includes(slot) && !involved.has(slot)) ?? cells.map(({ leaf }) => leaf)[0];
  return stray === undefined ? undefined : `the protocol leaves ${stray.name} alone, the bits change it`;
}

const isSameTranslation = (one: bigint, other: bigint): boolean => {
  const [{ page }, { page: otherPage }] = [leafValue(one), leafValue(other)];
  return (
    page === otherPage &&
    CountedBlock.with(one, { mapsPage: false }) === CountedBlock.with(other, { mapsPage: false })
  );
};

/**
 * Holds every call against the machine of one page's life: what it returns, where each page goes, what each guest page
 * maps. The machine is strict: what is refused leaves every page where it is.
 */
export function sharingTwin(world: CountedSlots, calls: ReadonlyMap<Action, SharingCall>): Twin {
  const vmOf = new Map(world.vms.flatMap(vm => vm.cells.map(cell => [cell, vm] as const)));
  const compare = (call: SharingCall, step: Step): string | undefined => {
    const predicted = predict(world, call, step.before);
    if (predicted.result !== step.result)
      return `the protocol answers ${shown(predicted.result)}, the bits ${shown(step.result)}`;
    return (
      pageDisagreement(world, predicted, step) ??
      leafDisagreement(vmOf, predicted, step) ??
      strayWrite(world, predicted, step)
    );
  };
  return {
    name: 'counted-page',
    disagrees: step => {
      const call = calls.get(step.action);
      if (call === undefined) return undefined;
      try {
        return compare(call, step);
      } catch (error) {
        if (error instanceof NoState) return `before the call ${error.message}`;
        throw error;
      }
    },
  };
}
