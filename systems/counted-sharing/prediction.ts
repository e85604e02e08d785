import type { Read } from '../../checker/index.ts';
import { arrowOf } from '../../machines/arrow.ts';
import { type CountedPageEvent, countedPage } from '../../machines/counted-page.ts';
import {
  CountedErrno,
  CountedLeaf,
  type CountedOperationName,
  CountedState,
  leafValue,
} from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import { DONE, REFUSED } from './actions.ts';
import type { SharingCall } from './calls.ts';
import { boxOf, type PageBox } from './page-box.ts';
import { namedCells, namedPages, wordOf } from './remember.ts';
import { pageCellAt } from './slot-machine.ts';
import { mapLacksPages, unmapLacksPages } from './twin-tables.ts';
import {
  BLOCK,
  type CountedSlots,
  type CountedVmSlots,
  type GuestCell,
  type MmioPage,
  type PageCell,
} from './world.ts';

/** What a guest page maps after a call: `undefined` where nothing. */
export type LeafWanted = { readonly page: bigint; readonly state: CountedState } | undefined;

/** What the protocol does with a call. */
export interface Prediction {
  readonly result: number | string;
  /** Where the pages go that it is about. */
  readonly pages: ReadonlyMap<PageCell, PageBox>;
  readonly leaves: ReadonlyMap<GuestCell, LeafWanted>;
  /** MMIO that the host gets. */
  readonly mapped: readonly MmioPage[];
}

/** A call in one state, with what of it has been worked out. */
interface Asked {
  readonly world: CountedSlots;
  readonly call: SharingCall;
  readonly read: Read;
  readonly vm: CountedVmSlots | undefined;
  readonly size: bigint;
  readonly pages: Map<PageCell, PageBox>;
}

const ask = arrowOf(countedPage);
const { EINVAL, EPERM, ENOSPC, E2BIG, ENOMEM } = CountedErrno;
const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;

/** Thrown where the bits are in no state that the protocol has: it has nothing to say then. */
export class NoState extends Error {}

function boxIn({ world, read, pages }: Asked, cell: PageCell): PageBox {
  const known = pages.get(cell);
  if (known !== undefined) return known;
  const box = boxOf(read(cell.record), world.size.counts);
  if (typeof box === 'string') throw new NoState(box);
  return box;
}

/** Sends an event to a page; a count without room is told from everything else that refuses it. */
function send(asked: Asked, cell: PageCell, event: CountedPageEvent): CountedErrno | undefined {
  const box = boxIn(asked, cell);
  const taken = ask(box, event);
  if ('to' in taken) {
    asked.pages.set(cell, taken.to);
    return undefined;
  }
  const { value, context } = box;
  const sharedAs = { host_share_hyp: 'shared_with_hyp', host_share_guest: 'shared_with_guests' } as const;
  if (event.type === 'host_share_hyp' || event.type === 'host_share_guest') {
    // the room is looked at before the kind: facts/pkvm-2026.md 1.4 7
    return value === sharedAs[event.type] && context.shares === context.max ? ENOSPC : EPERM;
  }
  const isPinnable = value === 'owned' || value === 'shared_with_hyp' || value === 'shared_with_guests';
  return event.type === 'host_use_dma' && isPinnable ? ENOSPC : EPERM;
}

type Stage = (asked: Asked) => CountedErrno | undefined;
const unless = (holds: boolean, errno: CountedErrno): CountedErrno | undefined =>
  holds ? undefined : errno;

const isWhole = (value: bigint): boolean => value % PAGE_SIZE === 0n;
const range =
  (aligned: boolean): Stage =>
  ({ call, size }) => {
    const starts = [call.pa, call.gpa].filter(start => start !== undefined);
    const fits = size > 0n && starts.every(start => start + size <= (1n << 64n) - PAGE_SIZE);
    return unless(fits && (!aligned || [...starts, size].every(isWhole)), EINVAL);
  };
const kind =
  (isProtected: boolean): Stage =>
  ({ vm }) =>
    unless(vm?.isProtected === isProtected, EPERM);
const finalized: Stage = ({ vm, read }) => unless(vm?.isProtected === true && read(vm.finalized), EPERM);

function isRam({ world: { pages }, call, size }: Asked): boolean {
  const [first] = pages;
  const last = pages.at(-1);
  const pa = call.pa ?? 0n;
  if (first === undefined || last === undefined) return false;
  return pa >= first.start && pa + size <= last.start + last.pages * PAGE_SIZE;
}
const ram: Stage = asked => unless(isRam(asked), EINVAL);
const mmioOf = ({ world, call }: Asked): readonly MmioPage[] =>
  world.mmio.filter(({ start }) => start === call.pa);
const walk: Stage = ({ call, size }) => unless((call.gpa ?? 0n) + size <= 1n << 48n, EINVAL);

const free: Stage = ({ world, call, read, vm }) =>
  unless(
    vm !== undefined && namedCells(world, call).every(cell => !leafValue(wordOf(vm, cell, read)).isPresent),
    EPERM,
  );

const eachNamed =
  (event: CountedPageEvent): Stage =>
  asked => {
    let refused: CountedErrno | undefined;
    for (const cell of namedPages(asked.world, asked.call)) refused ??= send(asked, cell, event);
    return refused;
  };

/** Every page that is mapped at the guest pages takes the event. */
const eachMapped =
  (type: 'host_unshare_guest' | 'guest_share_host' | 'guest_unshare_host', state: CountedState): Stage =>
  asked => {
    const { world, call, read, vm, size } = asked;
    const cells = namedCells(world, call);
    const covered = cells.reduce((sum, { pages }) => sum + pages * PAGE_SIZE, 0n);
    if (vm === undefined || covered !== size) return EPERM; // part of it is nowhere
    const found = cells.map(cell => leafValue(wordOf(vm, cell, read)));
    if (found.some(({ isPresent, pageState }) => !isPresent || pageState !== state)) return EPERM;
    let refused: CountedErrno | undefined;
    for (const { page } of found) {
      const cell = pageCellAt(world, page);
      refused ??= cell === undefined ? EINVAL : send(asked, cell, { type, mapsIt: true });
    }
    return refused;
  };

const memcache: Stage = ({ call }) => unless(call.tables === 'there', E2BIG);
const mapTables: Stage = ({ world, call, read, vm, size }) => {
  if (call.tables === 'there' || vm === undefined) return undefined;
  const isBlock = size === BLOCK && (call.pa ?? 0n) % BLOCK === 0n && call.gpa === vm.block?.start;
  return unless(!mapLacksPages(vm, namedCells(world, call), isBlock, read), ENOMEM);
};
const unmapTables: Stage = ({ world, call, read, vm }) =>
  call.tables === 'there' || vm === undefined
    ? undefined
    : unless(!unmapLacksPages(vm, namedCells(world, call), read), ENOMEM);

const dma =
  (event: CountedPageEvent): Stage =>
  asked => {
    const [mmio] = mmioOf(asked);
    if (mmio !== undefined && event.type === 'host_unuse_dma') return undefined; // nothing was recorded
    if (mmio !== undefined) return unless(leafValue(asked.read(mmio.host)).isPresent, EPERM);
    return ram(asked) ?? eachNamed(event)(asked);
  };
const untouched: Stage = asked =>
  unless(
    mmioOf(asked).every(({ host }) => !leafValue(asked.read(host)).isPresent),
    EPERM,
  );
const mmioOnly: Stage = asked => unless(mmioOf(asked).length > 0, EINVAL);

const toGuest = { isFinalized: true, gpaIsFree: true } as const;
const toHyp = (type: 'host_donate_hyp' | 'host_donate_hyp_share_ro'): readonly Stage[] => [
  range(true),
  ram,
  eachNamed({ type }),
];

/** What is asked of each call, in the order in which it is asked. facts/pkvm-2026.md 1.3. */
const stages: Readonly<Partial<Record<CountedOperationName, readonly Stage[]>>> = {
  host_donate_hyp: toHyp('host_donate_hyp'),
  host_donate_hyp_share_ro: toHyp('host_donate_hyp_share_ro'),
  hyp_donate_host: [eachNamed({ type: 'hyp_donate_host' })],
  hyp_donate_host_mmio: [range(true), mmioOnly, untouched],
  host_share_hyp: [range(false), ram, eachNamed({ type: 'host_share_hyp' })],
  host_unshare_hyp: [eachNamed({ type: 'host_unshare_hyp' })],
  host_donate_guest: [
    range(true),
    kind(true),
    finalized,
    ram,
    eachNamed({ type: 'host_donate_guest', isProtected: true, ...toGuest }),
    walk,
    free,
    mapTables,
  ],
  host_share_guest: [
    range(true),
    ram,
    kind(false),
    walk,
    free,
    eachNamed({ type: 'host_share_guest', isProtected: false, ...toGuest }),
    mapTables,
  ],
  host_unshare_guest: [
    range(true),
    walk,
    eachMapped('host_unshare_guest', PKVM_PAGE_SHARED_BORROWED),
    unmapTables,
  ],
  host_test_clear_young_guest: [range(true), kind(false)],
  guest_share_host: [range(true), walk, eachMapped('guest_share_host', PKVM_PAGE_OWNED), memcache],
  guest_unshare_host: [
    range(true),
    walk,
    eachMapped('guest_unshare_host', PKVM_PAGE_SHARED_OWNED),
    memcache,
  ],
  host_use_dma: [range(true), dma({ type: 'host_use_dma' })],
  host_unuse_dma: [dma({ type: 'host_unuse_dma' })],
};

/** What the guest pages map once the call is done. */
function leavesAfter(asked: Asked): Map<GuestCell, LeafWanted> {
  const { world, call, read, vm } = asked;
  const cells = namedCells(world, call);
  const given = (state: CountedState): [GuestCell, LeafWanted][] =>
    cells.map(cell => [cell, { page: (call.pa ?? 0n) + (cell.start - (call.gpa ?? 0n)), state }]);
  const kept = (state: CountedState): [GuestCell, LeafWanted][] =>
    cells.map(cell => [
      cell,
      { page: vm === undefined ? 0n : leafValue(wordOf(vm, cell, read)).page, state },
    ]);
  switch (call.name) {
    case 'host_donate_guest':
      return new Map(given(PKVM_PAGE_OWNED));
    case 'host_share_guest':
      return new Map(given(PKVM_PAGE_SHARED_BORROWED));
    case 'guest_share_host':
      return new Map(kept(PKVM_PAGE_SHARED_OWNED));
    case 'guest_unshare_host':
      return new Map(kept(PKVM_PAGE_OWNED));
    case 'host_test_clear_young_guest':
      return new Map(
        kept(PKVM_PAGE_SHARED_BORROWED).filter(([, leaf]) => leaf !== undefined && leaf.page !== 0n),
      );
    case 'host_unshare_guest':
      return new Map(cells.map(cell => [cell, undefined]));
    default:
      return new Map();
  }
}

/** The end of a VM: every page that it maps hears of it. */
function endOfVm(asked: Asked): Prediction {
  const { world, read, vm } = asked;
  const nothing = { pages: new Map(), leaves: new Map(), mapped: [] };
  if (vm === undefined || (world.size.running && read(vm.running))) return { ...nothing, result: REFUSED };
  const mapped = vm.cells.flatMap(cell => {
    const { isPresent, page } = leafValue(wordOf(vm, cell, read));
    const found = isPresent ? pageCellAt(world, page) : undefined;
    return found === undefined ? [] : [found];
  });
  for (const cell of new Set(mapped)) {
    const leaves = mapped.filter(other => other === cell).length;
    if (send(asked, cell, { type: 'vm_teardown', leaves }) !== undefined)
      throw new NoState(`${cell.record.name} does not go with the leaves of VM ${vm.id}`);
  }
  return {
    ...nothing,
    result: DONE,
    pages: asked.pages,
    leaves: new Map(vm.cells.map(cell => [cell, undefined])),
  };
}

const isUsed = ({ world, call, read, vm }: Asked): boolean =>
  vm !== undefined &&
  namedCells(world, call).some(cell => CountedLeaf.get(wordOf(vm, cell, read), 'accessed'));

/** What the protocol does with a call in a state. @throws NoState where the state is none of its own. */
export function predict(world: CountedSlots, call: SharingCall, read: Read): Prediction {
  const vm = world.vms.find(({ id }) => id === call.vm);
  const asked: Asked = { world, call, read, vm, size: call.size ?? 0n, pages: new Map() };
  const nothing = { pages: new Map(), leaves: new Map(), mapped: [] };
  if (call.name === 'vm_finalize') return { ...nothing, result: DONE };
  if (call.name === 'vm_teardown') return endOfVm(asked);
  for (const stage of stages[call.name] ?? []) {
    const refused = stage(asked);
    if (refused !== undefined) return { ...nothing, result: refused };
  }
  const isVoid = ['hyp_donate_host', 'host_unshare_hyp', 'host_unuse_dma'].includes(call.name);
  const isYoung = call.name === 'host_test_clear_young_guest' && isUsed(asked);
  return {
    result: isVoid ? DONE : isYoung ? 1 : 0,
    pages: asked.pages,
    leaves: leavesAfter(asked),
    mapped: call.name === 'hyp_donate_host_mmio' ? mmioOf(asked) : [],
  };
}
