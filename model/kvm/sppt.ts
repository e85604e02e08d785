import { entryAddress } from '../ept/index.ts';
import { SpptEntry } from '../ept/spp/index.ts';
import type { State, View } from './cell.ts';
import { gpaOf, regionOf, spptL1Page, spptRoots, spptTables } from './host-memory.ts';
import type { Kvm } from './kvm.ts';
import { load, store } from './page-tables.ts';
import { FULL_VECTOR } from './vector.ts';
import type { Vm } from './vm.ts';

/** A frame that KVM has a vector for, and one that denies something: the frame is protected. */
export function isProtected({ vm }: Pick<Kvm, 'vm'>, view: View, gfn: bigint): boolean {
  const slot = vm.memslotOf(gfn);
  if (slot === undefined || !view.get(vm.active) || view.get(slot.state) !== 'info') return false;
  return view.get(vm.frame(gfn).vector) !== FULL_VECTOR;
}

/** The frames of the model in one 2-MByte region. */
export const framesOfRegion = ({ shape }: Vm, region: bigint): readonly bigint[] =>
  shape.gfns.filter(gfn => regionOf(gfn) === region);

/** The address of a frame's SPPT entry of one level, without looking at the entries above it. */
export const spptEntryAddress = (root: bigint, level: 1 | 2 | 3 | 4, gfn: bigint): bigint => {
  const table = { 4: root, 3: spptTables.l3, 2: spptTables.l2, 1: spptL1Page(regionOf(gfn)) }[level];
  return entryAddress(table, level, gpaOf(gfn));
};

/** The address of a region's L2E, if the levels above lead to one. */
function findL2e({ vm }: Kvm, view: View, root: bigint, gfn: bigint): bigint | undefined {
  if (root === 0n) return undefined;
  for (const level of [4, 3] as const) {
    const entry = load(vm, view, spptEntryAddress(root, level, gfn));
    if (!SpptEntry.get(entry, 'valid')) return undefined;
  }
  return spptEntryAddress(root, 2, gfn);
}

/** `kvm_spp_flush_sppt`: clears the valid bit of a region's L2E and keeps its L1 page. The next write misses. */
export function invalidateRegion(kvm: Kvm, state: State, region: bigint): void {
  const address = findL2e(kvm, state, state.get(kvm.vm.spptRoot), region * 512n);
  if (address === undefined) return;
  const entry = load(kvm.vm, state, address);
  store(kvm.vm, state, address, SpptEntry.with(entry, { valid: false }));
}

/** Allocates a table page: every word of it is zero. */
function allocate(vm: Vm, state: State, page: bigint): void {
  for (const cell of vm.words.ofPage(page)) state.set(cell, 0n);
}

/** Points an entry at its table, which is allocated the first time, and leaves its valid bit as it is. */
function ensureTable(kvm: Kvm, state: State, address: bigint, table: bigint): bigint {
  const entry = load(kvm.vm, state, address);
  if (SpptEntry.get(entry, 'table') === table) return entry;
  allocate(kvm.vm, state, table);
  const pointing = SpptEntry.encode({ table });
  store(kvm.vm, state, address, pointing);
  return pointing;
}

const validate = (kvm: Kvm, state: State, address: bigint, entry: bigint): void =>
  store(kvm.vm, state, address, SpptEntry.with(entry, { valid: true }));

/** The tables down to the L1 page of a frame. Upper levels become valid; the L2E only by `validateRegion`. */
export function ensureL1Page(kvm: Kvm, state: State, gfn: bigint): void {
  const root = state.get(kvm.vm.spptRoot);
  const below = { 4: spptTables.l3, 3: spptTables.l2 } as const;
  for (const level of [4, 3] as const) {
    const address = spptEntryAddress(root, level, gfn);
    validate(kvm, state, address, ensureTable(kvm, state, address, below[level]));
  }
  ensureTable(kvm, state, spptEntryAddress(root, 2, gfn), spptL1Page(regionOf(gfn)));
}

/** Writes the L1E of one frame from its vector. */
export const writeL1e = (kvm: Kvm, state: State, gfn: bigint): void =>
  store(kvm.vm, state, spptEntryAddress(0n, 1, gfn), kvm.steps.spread(state.get(kvm.vm.frame(gfn).vector)));

/** Makes a region's L2E valid: from here on its L1Es count. */
export function validateRegion(kvm: Kvm, state: State, gfn: bigint): void {
  const address = spptEntryAddress(state.get(kvm.vm.spptRoot), 2, gfn);
  validate(kvm, state, address, load(kvm.vm, state, address));
}

/**
 * `kvm_spp_setup_structure` for an SPP miss: the L1E of every protected frame that the revision rebuilds, then the
 * L2E. An L1E has no valid bit, so one that is left out would deny everything once the L2E is valid.
 */
export function rebuildRegion(kvm: Kvm, state: State, gfn: bigint): void {
  ensureL1Page(kvm, state, gfn);
  const frames = kvm.revision.missRebuilds === 'page' ? [gfn] : framesOfRegion(kvm.vm, regionOf(gfn));
  for (const frame of frames) if (isProtected(kvm, state, frame)) writeL1e(kvm, state, frame);
  validateRegion(kvm, state, gfn);
}

/** A new, empty root page: not the one in use. */
export function allocateRoot({ vm }: Kvm, state: State): void {
  const root = state.get(vm.spptRoot) === spptRoots.A ? spptRoots.B : spptRoots.A;
  allocate(vm, state, root);
  state.set(vm.spptRoot, root);
}

/** Every SPPT page is freed, whatever it held. */
export function freeSppt({ vm }: Kvm, state: State): void {
  const pages = [
    ...Object.values(spptRoots),
    spptTables.l3,
    spptTables.l2,
    ...new Set(vm.shape.gfns.map(gfn => spptL1Page(regionOf(gfn)))),
  ];
  for (const page of pages) for (const cell of vm.words.ofPage(page)) state.set(cell, 'no page');
}
