import type { Action, Read } from '../../checker/index.ts';
import { CountedState, leafValue, recordOf } from '../../model/pkvm/counted/index.ts';
import type { CountedView, MappedBy } from '../../properties/counted-view.ts';
import type { SharingCall } from './calls.ts';
import { namedPages, wordOf } from './remember.ts';
import type { CountedSlots } from './world.ts';

/** The system as its sentences see it. */
export function viewOfWorld(world: CountedSlots, calls: ReadonlyMap<Action, SharingCall>): CountedView {
  const { size, pages, mmio, vms } = world;
  const leaves = vms.flatMap(vm => vm.cells.map(cell => ({ vm, cell })));
  const mappedBy = (page: bigint): ((read: Read) => readonly MappedBy[]) => {
    const stateHere = (word: bigint): CountedState => {
      const value = leafValue(word);
      return value.isPresent && value.page === page ? value.pageState : CountedState.PKVM_PAGE_NONE;
    };
    return read =>
      leaves.flatMap(({ vm, cell }): MappedBy[] => {
        const state =
          vm.block === undefined ? read(cell.leaf, stateHere) : stateHere(wordOf(vm, cell, read));
        return state === CountedState.PKVM_PAGE_NONE ? [] : [{ isProtected: vm.isProtected, state }];
      });
  };
  return {
    pages: pages.map(cell => ({
      about: cell.record.name,
      page: cell.start,
      recordSlot: cell.record,
      record: read => recordOf(read(cell.record)),
      hostLeaf: read => read(cell.host),
      mappedBy: mappedBy(cell.start),
      held: read => read(cell.held),
      devices: read => (size.devices === 0 ? 0 : read(cell.devices)),
      secret: read => read(cell.secret),
      stale: read => read(cell.stale),
    })),
    leaves: leaves.map(({ vm, cell }) => ({
      about: cell.leaf.name,
      vm: vm.id,
      isProtected: vm.isProtected,
      slot: cell.leaf,
      word: read => wordOf(vm, cell, read),
      believesShared: read => vm.isProtected && read(cell.believesShared),
      stale: read => read(cell.stale),
    })),
    mmio: mmio.map(({ host }) => ({ about: host.name, hostLeaf: read => read(host) })),
    vms: vms.map(({ id, isProtected, finalized }) => ({
      id,
      isProtected,
      isFinalized: read => !isProtected || read(finalized),
    })),
    countMax: size.counts,
    has: {
      devices: size.devices > 0,
      hyp: size.hyp,
      readOnly: size.hyp && size.readOnly,
      readOnlyShares: size.prots > 1,
    },
    namesPage: (action, page) => {
      const call = calls.get(action);
      return call !== undefined && namedPages(world, call).some(({ start }) => start === page);
    },
    isCall: action => calls.has(action),
  };
}
