import type { State, View } from './cell.ts';
import type { FaultingVcpu, Handling, Kvm } from './kvm.ts';
import { KVM_EXIT_UNKNOWN } from './spp-numbers.ts';
import { rebuildRegion } from './sppt.ts';
import { hasVector } from './subpage-access.ts';
import type { VcpuCells } from './vcpu.ts';

/**
 * EXIT_REASON_SPP with the miss bit: KVM builds what the walk did not find and lets the guest try again. A frame
 * whose memslot went away meanwhile is no error of the guest's: the retry finds that there is no translation.
 */
export function handleMiss(kvm: Kvm, state: State, { access }: FaultingVcpu): Handling {
  const hasRoot = state.get(kvm.vm.spptRoot) !== 0n;
  if (!hasRoot || !hasVector(kvm, state, access.gfn)) return { kind: 'retry', did: 'nothing to do' };
  rebuildRegion(kvm, state, access.gfn);
  return { kind: 'retry', did: 'rebuilt' };
}

/** EXIT_REASON_SPP without it: a reserved bit in the SPPT is KVM's own mistake, and user space gets to know. */
export const handleMisconfiguration = (): Handling => ({ kind: 'user', exitReason: KVM_EXIT_UNKNOWN });

/** The handler's own answer decides, never what an earlier exit left in `kvm_run`. */
export const afterFault = (_kvm: Kvm, _view: View, _fault: FaultingVcpu, handling: Handling): Handling =>
  handling;

/** KVM_RUN starts with an exit reason of its own. */
export function enterRun(_kvm: Kvm, state: State, vcpu: VcpuCells): void {
  state.set(vcpu.exitReason, KVM_EXIT_UNKNOWN);
  state.set(vcpu.sppAddress, 0n);
}
