import { type Read, type Slot, some, type Write } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import {
  type AddressRange,
  type Contents,
  OwnerId,
  PageState,
  type PkvmTables,
  viewOf,
  type Vm,
} from '../../model/pkvm/index.ts';
import type { Ids } from '../define.ts';
import { type Caches, cachesOf } from './cached.ts';
import { contentsSlots } from '../pages/contents.ts';
import { isMapped, isRunning } from '../pages/lenses.ts';
import { leafTables } from '../pages/leaf-tables.ts';
import { adversarial, inRegion, type Places, placesOf, plain, rangesOfPages } from '../pages/places.ts';
import { regionTables } from './region.ts';
import type { IsolationRules, VmState } from './rules.ts';
import type { IsolationSize } from './size.ts';
import type { LeafPlace, TableWords } from '../pages/table.ts';

/** A VM that the hypervisor knows, and the page that its structures lie in (0 where it has none). */
export interface VmSlots extends Vm {
  /** The leaves of its table. */
  readonly leaves: readonly GuestLeaf[];
  readonly state: Slot<VmState>;
  readonly structures: Slot<bigint>;
}

export interface GuestLeaf extends LeafPlace {
  readonly table: number;
}

/** Everything that a system of this size has: its addresses, its words and the rest of its slots. */
export interface World extends Places {
  readonly size: IsolationSize;
  readonly words: TableWords;
  readonly hostLeaves: readonly LeafPlace[];
  /** The leaves of all guests. */
  readonly guestLeaves: readonly GuestLeaf[];
  readonly caches: Caches;
  readonly contents: ReadonlyMap<bigint, Slot<Contents>>;
  /** What each CPU runs: the host (1) or a guest, by owner id. */
  readonly running: readonly Slot<number>[];
  readonly vmSlots: readonly VmSlots[];
  /** With a table of the IOMMU's own: whether a page is pinned for DMA. */
  readonly pins: ReadonlyMap<bigint, Slot<boolean>>;
  readonly ram: readonly AddressRange[];
  /** The registers of the IOMMU. */
  readonly iommu: readonly AddressRange[];
  readonly rules: IsolationRules;
  readonly slots: readonly Slot[];
}

export const HOST = OwnerId.PKVM_ID_HOST;

export function worldOf(size: IsolationSize, rules: IsolationRules, ids: Ids): World {
  const places = placesOf(size, size.isRegion ? inRegion : ids === 'plain' ? plain : adversarial);
  const words = size.isRegion
    ? regionTables(places, rules)
    : leafTables(places, { hasIommuTable: size.dma === 'own-table' });
  const caches = cachesOf(places, size);
  const contents = contentsSlots(places);
  const running = places.cpus.map((cpu): Slot<number> => ({
    name: `cpu${cpu}.runs`,
    initial: HOST,
    show: id => (id === HOST ? 'host' : `guest ${id}`),
  }));
  const vmSlots = places.vms.map((vm): VmSlots => ({
    ...vm,
    leaves: places.gpas.map(address => ({ table: vm.id, address })),
    state: { name: `vm${vm.id}`, initial: size.hasLifecycle ? 'absent' : 'started' },
    structures: {
      name: `vm${vm.id}.structures`,
      initial: 0n,
      show: page => (page === 0n ? 'none' : addressHex(page)),
    },
  }));
  const pins = new Map(
    (size.dma === 'own-table' ? places.pages : []).map(page => [
      page,
      {
        name: `pinned[${addressHex(page)}]`,
        initial: false,
        is: { kind: 'of page', what: 'pinned', address: page },
      },
    ]),
  );
  return {
    ...places,
    size,
    words,
    hostLeaves: places.pages.map(address => ({ table: 'host', address })),
    guestLeaves: places.vms.flatMap(({ id: table }) => places.gpas.map(address => ({ table, address }))),
    caches,
    contents,
    running,
    vmSlots,
    pins,
    rules,
    ram: rangesOfPages(places.pages),
    iommu: rangesOfPages(places.mmio.slice(1)),
    slots: [
      ...words.slots,
      ...contents.values(),
      ...(size.hasLifecycle ? vmSlots.flatMap(({ state, structures }) => [state, structures]) : []),
      ...running,
      ...pins.values(),
      ...caches.slots,
    ],
  };
}

/** The tables as the page-state API sees them in one state. */
export const tablesOf = (world: World, read: Read): PkvmTables => ({
  host: hpa => world.words.leaf(read, 'host', hpa),
  guest: (vm, gpa) => world.words.leaf(read, vm, gpa),
  ram: world.ram,
  vms: world.vms,
  tablePages: 'available',
});

/** Whether some CPU runs this one. */
export const isRun = ({ running }: Pick<World, 'running'>, read: Read, id: number): boolean =>
  some(read, running, isRunning(id));

/** Whether anything is mapped in a VM's table. */
export const hasPages = ({ words }: Pick<World, 'words'>, read: Read, { leaves }: VmSlots): boolean =>
  words.some(read, leaves, isMapped);

/** Where a VM is in its life. Without life cycle, always running. */
export const stateOf = ({ size }: World, read: Read, vm: VmSlots): VmState =>
  size.hasLifecycle ? read(vm.state) : 'started';

/** Whether the host may touch a page at all: it is mapped in the host EPT. */
export const isHostMapped = (world: World, read: Read, page: bigint): boolean =>
  viewOf(world.words.leaf(read, 'host', page)).pageState !== PageState.PKVM_NOPAGE;

/** What a page holds from now on. */
export function fill(world: World, write: Write, page: bigint, contents: Contents): void {
  const slot = world.contents.get(page);
  if (slot !== undefined) write(slot, contents);
}
