import { each } from '../../checker/index.ts';
import type { Doing } from './doing.ts';
import type { GuestPage } from './world.ts';

/** The CPU that calls are made on. */
const CALLER = 0;

/**
 * Takes what permits out of the caches: of each page the translation and the vector that goes with it; where a call
 * has changed the SPPT above its vectors, what is remembered of that too. The weakest flush that is enough.
 */
export function flush({ world, call, read, write }: Doing, pages: readonly GuestPage[]): void {
  const { translations, vectors, tables, everyCpu } = world.rules.flush;
  const isReached = (cpu: number): boolean => everyCpu || cpu === CALLER;
  const cachedOf = world.cachedPages.filter(({ cpu, page }) => isReached(cpu) && pages.includes(page));
  each(
    read,
    cachedOf,
    ({ leaf }) => leaf,
    ({ leaf, vector }) => {
      if (translations) write(leaf, 0n);
      if (vectors) write(vector, 0n);
    },
  );
  const changesTables = call.name === 'spp_set' || call.name === 'spp_disable';
  if (!changesTables || !tables) return;
  const tablesOf = world.cachedTables.filter(({ cpu, vm }) => isReached(cpu) && vm === call.vm);
  each(
    read,
    tablesOf,
    ({ l2e }) => l2e,
    ({ l2e }) => write(l2e, 0n),
  );
}
