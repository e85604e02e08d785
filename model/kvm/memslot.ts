import type { State } from './cell.ts';
import type { Kvm } from './kvm.ts';
import { shadowLeaf, zapFrame } from './page-tables.ts';
import type { MemslotCells } from './vm.ts';
import { FULL_VECTOR } from './vector.ts';

/** The array of vectors goes with its memslot. */
export function forgetMemslot({ vm, revision }: Kvm, state: State, slot: MemslotCells): void {
  for (const gfn of slot.gfns) state.set(vm.frame(gfn).vector, FULL_VECTOR);
  if (revision.memslotDeleteDeactivates) state.set(vm.active, false);
}

/** KVM_SET_USER_MEMORY_REGION with size 0: every mapping of the memslot goes, then the memslot. */
export function deleteMemslot(kvm: Kvm, state: State, slot: MemslotCells): void {
  for (const gfn of slot.gfns) if (shadowLeaf(kvm, state, gfn) !== undefined) zapFrame(kvm, state, gfn);
  kvm.steps.flushRemoteTlbs(kvm, state);
  kvm.steps.forgetMemslot(kvm, state, slot);
  for (const gfn of slot.gfns) {
    state.set(kvm.vm.frame(gfn).dirty, false);
    state.set(kvm.vm.frame(gfn).written, false);
  }
  state.set(slot.logging, false);
  state.set(slot.state, 'none');
}

/** KVM_SET_USER_MEMORY_REGION for new memory: "slot has no array: GET/SET -EFAULT, pages never protected" (facts 3.2). */
export const addMemslot = (_kvm: Kvm, state: State, slot: MemslotCells): void =>
  state.set(slot.state, 'noinfo');
