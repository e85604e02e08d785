import { type Action, disabled, type Read, type Slot, type Write } from '../../checker/index.ts';
import { type Contents, PageState, secretOf, viewOf } from '../../model/pkvm/index.ts';
import { type Cache, cachedWord } from './cached.ts';
import { placesToReach } from './paths.ts';
import type { Table } from '../pages/table.ts';
import { type Translation, walk } from '../pages/walk.ts';
import { HOST, type World } from './world.ts';

/** One access as a property sees it: who, and by which translation. */
export interface AccessOf {
  readonly accessor: number;
  translate(read: Read): Translation | undefined;
}

/** An action that is an access, with what properties ask of it. */
export interface AccessAction {
  readonly action: Action;
  readonly access: AccessOf;
}

/** An access goes through the cached translation, or else through the words. */
const translateBy = (world: World, cache: Cache, table: Table, address: bigint) => (read: Read) =>
  world.caches.translation(read, cache, table, address) ?? walk(world.words, read, table, address);

/** What a write leaves in a page: a protected guest's own secret, unless it had shared that page. */
function written(world: World, read: Read, table: Table, gpa: bigint): Contents {
  const vm = world.vms.find(({ id }) => id === table);
  if (vm === undefined || vm.kind !== 'protected') return 'public';
  const { pageState } = viewOf(world.words.leaf(read, vm.id, gpa));
  return pageState === PageState.PKVM_PAGE_SHARED_OWNED ? 'public' : secretOf(vm.id);
}

interface Accessor {
  readonly name: string;
  readonly actor: string;
  readonly cache: Cache;
  readonly table: Table;
  readonly address: bigint;
  /** The CPU must run this one; a device always can. */
  readonly running?: { readonly slot: Slot<number>; readonly id: number };
}

function accessorsOf(world: World): Accessor[] {
  return placesToReach(world).flatMap(({ table, address, caches }) =>
    caches.map((cache): Accessor => {
      const id = typeof table === 'number' ? table : HOST;
      const slot = cache === 'iommu' ? undefined : world.running[cache];
      const who = cache === 'iommu' ? 'device' : typeof table === 'number' ? 'guest' : 'host';
      const actor = cache === 'iommu' ? 'device' : `cpu${cache} ${who === 'guest' ? `guest${id}` : who}`;
      const running = slot === undefined ? {} : { running: { slot, id } };
      return { name: who, actor, cache, table, address, ...running };
    }),
  );
}

/**
 * Reads and writes by whoever can make them, and translations that a CPU or the IOMMU caches. A processor may cache
 * what it can translate at any time, also speculatively (SDM vol. 3C, "Caching Translation Information"), so that
 * caching is a step of its own.
 */
export function accessActions(world: World): {
  readonly accesses: AccessAction[];
  readonly caching: Action[];
} {
  const all = accessorsOf(world);
  return {
    accesses: all
      .filter(({ address }) => !world.mmio.includes(address))
      .flatMap(accessor => [readAccess(world, accessor), writeAccess(world, accessor)]),
    caching: all.map(accessor => cachingAction(world, accessor)),
  };
}

const isAway = ({ running }: Accessor, read: Read): boolean =>
  running !== undefined && read(running.slot) !== running.id;

const argsOf = ({ table, address }: Accessor): Record<string, bigint> =>
  typeof table === 'number' ? { gpa: address } : { hpa: address };

function readAccess(world: World, accessor: Accessor): AccessAction {
  const translateNow = translateBy(world, accessor.cache, accessor.table, accessor.address);
  const run = (read: Read): string | typeof disabled => {
    if (isAway(accessor, read)) return disabled;
    const reached = translateNow(read);
    if (reached === undefined) return 'EPT violation';
    const slot = world.contents.get(reached.page);
    return slot === undefined ? 'no RAM' : read(slot);
  };
  return accessOf(accessor, 'read', run, translateNow);
}

function writeAccess(world: World, accessor: Accessor): AccessAction {
  const { cache, table, address } = accessor;
  const translateNow = translateBy(world, cache, table, address);
  const run = (read: Read, write: Write): string | typeof disabled => {
    if (isAway(accessor, read)) return disabled;
    const reached = translateNow(read);
    if (reached === undefined || !reached.write) return 'EPT violation';
    const slot = world.contents.get(reached.page);
    if (slot === undefined) return 'no RAM';
    write(slot, written(world, read, table, address));
    return 'ok';
  };
  return accessOf(accessor, 'write', run, translateNow);
}

const accessOf = (
  accessor: Accessor,
  verb: 'read' | 'write',
  run: Action['run'],
  translateNow: AccessOf['translate'],
): AccessAction => ({
  action: { name: `${accessor.name}_${verb}`, actor: accessor.actor, args: argsOf(accessor), run },
  access: { accessor: accessor.running?.id ?? HOST, translate: translateNow },
});

function cachingAction(world: World, accessor: Accessor): Action {
  const { cache, table, address, name, actor } = accessor;
  const slot = world.caches.slot(cache, table, address);
  return {
    name: `${name}_caches_translation`,
    actor,
    args: argsOf(accessor),
    run: (read, write) => {
      if (slot === undefined || isAway(accessor, read)) return disabled;
      if (world.caches.translation(read, cache, table, address) !== undefined) return disabled;
      const found = walk(world.words, read, table, address);
      if (found === undefined) return disabled;
      write(slot, cachedWord(found));
      return 'ok';
    },
  };
}
