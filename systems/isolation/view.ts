import type { Action, Read } from '../../checker/index.ts';
import { viewOf } from '../../model/pkvm/index.ts';
import type { IsolationView, PlacedClaims } from '../../properties/isolation-view.ts';
import type { AccessOf } from './accesses.ts';
import { pathsOf } from './paths.ts';
import { isMapped, isOwnedBy, isPageIn, stateOfPage } from '../pages/lenses.ts';
import type { LeafPlace } from '../pages/table.ts';
import { isRun, stateOf, type World } from './world.ts';

/** The system as its sentences see it. */
export function viewOfWorld(world: World, accesses: ReadonlyMap<Action, AccessOf>): IsolationView {
  const { words, pages, gpas, mmio } = world;
  const leavesOf = (id: number): readonly LeafPlace[] =>
    world.vmSlots.find(vm => vm.id === id)?.leaves ?? [];
  const ways = pathsOf(world);
  const ofVm = (id: number): typeof ways => ways.filter(({ table }) => table === id);
  return {
    pages,
    gpas,
    hasMmio: mmio.length > 0,
    iommuPages: mmio.slice(1),
    ways,
    lives: world.vmSlots.map(vm => ({
      ...vm,
      state: read => stateOf(world, read, vm),
      structures: read => read(vm.structures),
      ways: ofVm(vm.id),
    })),
    hasLifecycle: world.size.hasLifecycle,
    claims: (read, page) => claimsOf(world, read, page),
    hostLeaf: (read, page) => words.leaf(read, 'host', page),
    guestLeaf: (read, vm, gpa) => words.leaf(read, vm, gpa),
    contents: (read, page) => {
      const slot = world.contents.get(page);
      return slot === undefined ? 'public' : read(slot);
    },
    isChanged: (changed, page) => {
      const slot = words.slot?.('host', page);
      return slot === undefined || changed.includes(slot);
    },
    accessOf: action => accesses.get(action),
    isRun: (read, id) => isRun(world, read, id),
    ownedBy: (read, id) =>
      words.collect(read, world.hostLeaves, isOwnedBy(id)).map(({ at }) => pages[at] ?? 0n),
    mappedBy: (read, id) => words.collect(read, leavesOf(id), isMapped).map(({ at }) => gpas[at] ?? 0n),
    maps: (read, id, page, pageState) => words.some(read, leavesOf(id), isPageIn(pageState)(page)),
  };
}

/** A page as all tables claim it. */
export function claimsOf(
  { words, guestLeaves }: Pick<World, 'words' | 'guestLeaves'>,
  read: Read,
  page: bigint,
): PlacedClaims {
  const { pageState: hostState, ownerId } = viewOf(words.leaf(read, 'host', page));
  const guests = words.collect(read, guestLeaves, stateOfPage(page)).flatMap(({ at, saw: pageState }) => {
    const leaf = guestLeaves[at];
    return leaf === undefined ? [] : [{ vm: leaf.table, gpa: leaf.address, pageState }];
  });
  return { hostState, ownerId, guests };
}
