import type { Doing } from './doing.ts';
import type { GuestPage } from './world.ts';

/** The CPU that calls are made on. */
const CALLER = 0;

/**
 * Takes what permits out of the caches: of each page the translation and the vector that goes with it; where a call
 * has changed the SPPT above its vectors, what is remembered of that too. The weakest flush that is enough.
 */
export function flush({ world, call, write }: Doing, pages: readonly GuestPage[]): void {
  const { translations, vectors, tables, everyCpu } = world.rules.flush;
  const isReached = (cpu: number): boolean => everyCpu || cpu === CALLER;
  for (const cached of world.cachedPages) {
    if (!isReached(cached.cpu) || !pages.includes(cached.page)) continue;
    if (translations) write(cached.leaf, 0n);
    if (vectors) write(cached.vector, 0n);
  }
  const changesTables = call.name === 'spp_set' || call.name === 'spp_disable';
  if (!changesTables || !tables) return;
  for (const table of world.cachedTables)
    if (isReached(table.cpu) && table.vm === call.vm) write(table.l2e, 0n);
}
