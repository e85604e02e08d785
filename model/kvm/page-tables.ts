import { EptPde } from '../ept/index.ts';
import { entryAddress } from '../ept/index.ts';
import type { PhysicalMemory } from '../memory/index.ts';
import type { State, View } from './cell.ts';
import { eptPageTable, eptTables, gpaOf, regionOf } from './host-memory.ts';
import type { Kvm } from './kvm.ts';
import { KvmSpte } from './spte.ts';
import type { Vm } from './vm.ts';

/** The VM's page tables as physical memory: what a processor's walk reads. A page that is not there is unknown. */
export const memoryOf = ({ words }: Vm, view: View): PhysicalMemory => ({
  read: address => {
    const cell = words.at(address);
    if (cell === undefined) return words.fixed(address);
    const word = view.get(cell);
    return word === 'no page' ? undefined : word;
  },
});

/** The word at an address of a page that KVM knows to be there. */
export function load({ words }: Vm, view: View, address: bigint): bigint {
  const cell = words.at(address);
  const word = cell === undefined ? words.fixed(address) : view.get(cell);
  if (word === undefined || word === 'no page')
    throw new RangeError(`KVM reads a table page that is not there, at 0x${address.toString(16)}`);
  return word;
}

export function store({ words }: Vm, state: State, address: bigint, word: bigint): void {
  const cell = words.at(address);
  if (cell === undefined) throw new RangeError(`no word of this VM lies at 0x${address.toString(16)}`);
  state.set(cell, word);
}

/** Where the PDE of a frame lies, and its PTE if there is a page table. */
export const pdeAddress = (gfn: bigint): bigint => entryAddress(eptTables.pd, 2, gpaOf(gfn));
export const pteAddress = (gfn: bigint): bigint => entryAddress(eptPageTable(regionOf(gfn)), 1, gpaOf(gfn));

/** The leaf that maps a frame, as KVM finds it: the last entry of its own walk. */
export interface ShadowLeaf {
  readonly size: '4K' | '2M';
  readonly address: bigint;
  readonly spte: bigint;
}

/** The leaf of a frame; `undefined` where no page table leads to one. A leaf may be the word 0: nothing mapped. */
export function shadowLeaf({ vm }: Pick<Kvm, 'vm'>, view: View, gfn: bigint): ShadowLeaf | undefined {
  const pde = load(vm, view, pdeAddress(gfn));
  if (KvmSpte.get(pde, 'mapsPage')) return { size: '2M', address: pdeAddress(gfn), spte: pde };
  if (pde === 0n) return undefined;
  return { size: '4K', address: pteAddress(gfn), spte: load(vm, view, pteAddress(gfn)) };
}

/** Takes a frame's mapping away: the whole large leaf, where that is what maps it. */
export function zapFrame(kvm: Kvm, state: State, gfn: bigint): void {
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf !== undefined) store(kvm.vm, state, leaf.address, 0n);
}

/** Sees to it that a region has a page table, in place of nothing or of a large leaf. */
export function ensurePageTable({ vm }: Kvm, state: State, gfn: bigint): void {
  const pde = load(vm, state, pdeAddress(gfn));
  if (pde !== 0n && !KvmSpte.get(pde, 'mapsPage')) return;
  const table = eptPageTable(regionOf(gfn));
  for (const cell of vm.words.ofPage(table)) state.set(cell, 0n);
  store(vm, state, pdeAddress(gfn), EptPde.encode({ read: true, write: true, execute: true, table }));
}

/** Where the entries lie that may map a frame: its PDE and its PTE. */
export const shadowAddresses = (gfn: bigint): readonly bigint[] => [pdeAddress(gfn), pteAddress(gfn)];
