import type { State } from './cell.ts';
import { requestLoad } from './enable.ts';
import type { Kvm } from './kvm.ts';
import { allocateRoot, freeSppt } from './sppt.ts';
import type { VcpuCells } from './vcpu.ts';

/**
 * The EPT roots of a vCPU are freed (it changed CR0.PG, say) and the SPPT root with them; v12 allocates an empty one
 * in its place. Every vCPU has to leave the guest and load the new root before the old one goes. Before v12 there
 * was no new one: SPP was off again, and nobody told the vCPUs.
 */
export function freeRoots(kvm: Kvm, state: State, _vcpu: VcpuCells): void {
  if (!state.get(kvm.vm.active)) return;
  freeSppt(kvm, state);
  if (kvm.revision.freedRoot === 'gone') {
    state.set(kvm.vm.spptRoot, 0n);
    state.set(kvm.vm.active, false);
  } else {
    allocateRoot(kvm, state);
    requestLoad(kvm, state);
  }
  kvm.steps.flushRemoteTlbs(kvm, state);
}

/** The request is served: SPPTP and control 23 go into the VMCS. */
export function loadSpp({ vm }: Kvm, state: State, vcpu: VcpuCells): void {
  state.set(vcpu.spptp, state.get(vm.spptRoot));
  state.set(vcpu.sppControl, state.get(vm.active));
  state.set(vcpu.loadRequest, false);
}

/** KVM_CREATE_VCPU after SPP was enabled: the vCPU loads what is there before it first runs. */
export function createVcpu({ vm }: Kvm, state: State, vcpu: VcpuCells): void {
  state.set(vcpu.exists, true);
  if (state.get(vm.active)) state.set(vcpu.loadRequest, true);
}
