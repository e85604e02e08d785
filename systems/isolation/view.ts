import type { Action, Read } from '../../checker/index.ts';
import { PageState, viewOf } from '../../model/pkvm/index.ts';
import type { IsolationView, PlacedClaims } from '../../properties/isolation-view.ts';
import type { AccessOf } from './accesses.ts';
import { pathsOf } from './paths.ts';
import { nameOfTable } from '../pages/table.ts';
import { stateOf, type World } from './world.ts';

/** The system as its sentences see it. */
export function viewOfWorld(world: World, accesses: ReadonlyMap<Action, AccessOf>): IsolationView {
  const { words, pages, gpas, mmio, vms, running } = world;
  const ways = pathsOf(world);
  const ofVm = (id: number): typeof ways =>
    ways.filter(({ about }) => about.includes(`${nameOfTable(id)}[`));
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
    claims: (read, page) => claimsOf(words, vms, gpas, read, page),
    hostLeaf: (read, page) => words.leaf(read, 'host', page),
    guestLeaf: (read, vm, gpa) => words.leaf(read, vm, gpa),
    contents: (read, page) => {
      const slot = world.contents.get(page);
      return slot === undefined ? 'public' : read(slot);
    },
    accessOf: action => accesses.get(action),
    runners: read => running.map(slot => read(slot)),
  };
}

/** A page as all tables claim it. */
export function claimsOf(
  words: World['words'],
  vms: World['vms'],
  gpas: readonly bigint[],
  read: Read,
  page: bigint,
): PlacedClaims {
  const { pageState: hostState, ownerId } = viewOf(words.leaf(read, 'host', page));
  const guests = vms.flatMap(({ id }) =>
    gpas.flatMap(gpa => {
      const leaf = viewOf(words.leaf(read, id, gpa));
      const claims = leaf.page === page && leaf.pageState !== PageState.PKVM_NOPAGE;
      return claims ? [{ vm: id, gpa, pageState: leaf.pageState }] : [];
    }),
  );
  return { hostState, ownerId, guests };
}
