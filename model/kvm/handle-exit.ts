import type { State } from './cell.ts';
import { completeAccess } from './guest-access.ts';
import type { FaultingVcpu, Handling, Kvm } from './kvm.ts';
import { mapFault, markPageDirty } from './page-fault.ts';
import { handleMisconfiguration } from './spp-exit.ts';
import { KVM_EXIT_MMIO } from './spp-numbers.ts';
import type { VcpuCells } from './vcpu.ts';

/** The lock that `mmuLock` names while one of these goes on over several steps. */
const lockHolder = (vcpu: VcpuCells): string => `${vcpu.name}, mapping`;

/** Puts a vCPU where its handler left it. Returns the result that a trace shows. */
function conclude({ vm }: Kvm, state: State, vcpu: VcpuCells, handling: Handling): string | number {
  switch (handling.kind) {
    case 'retry':
      state.set(vcpu.phase, 'retry');
      state.set(vm.mmuLock, 'free');
      return handling.did;
    case 'marking':
      state.set(vcpu.phase, 'marking');
      state.set(vm.mmuLock, lockHolder(vcpu));
      return handling.did;
    case 'user': {
      const ripMoved = handling.ripMoved === true;
      state.set(vcpu.phase, ripMoved ? 'in user space, RIP moved' : 'in user space');
      if (ripMoved) state.set(vcpu.access, 'none');
      state.set(vcpu.exitReason, handling.exitReason);
      state.set(vcpu.sppAddress, handling.sppAddress ?? 0n);
      return `KVM_EXIT ${handling.exitReason}`;
    }
    case 'fails':
      state.set(vcpu.phase, 'in user space');
      return handling.result;
  }
}

const isFree = ({ vm }: Kvm, state: State): boolean => state.get(vm.mmuLock) === 'free';

function violation(kvm: Kvm, state: State, fault: FaultingVcpu): Handling | undefined {
  const fast = kvm.steps.fastPageFault(kvm, state, fault);
  if (fast !== undefined) return kvm.steps.afterFault(kvm, state, fault, fast);
  if (!isFree(kvm, state)) return undefined;
  return kvm.steps.afterFault(kvm, state, fault, mapFault(kvm, state, fault));
}

/**
 * KVM's handler for the exit that a vCPU is in. `undefined` where there is none, or where it waits for `mmu_lock`.
 */
export function handleExit(kvm: Kvm, state: State, vcpu: VcpuCells): string | number | undefined {
  const phase = state.get(vcpu.phase);
  if (phase === 'SPP misconfiguration') return conclude(kvm, state, vcpu, handleMisconfiguration());
  if (phase !== 'EPT violation' && phase !== 'SPP miss' && phase !== 'marking') return undefined;
  const fault = { vcpu, access: kvm.vm.accessNamed(state.get(vcpu.access)) };
  if (phase === 'marking') {
    const handling = kvm.steps.finishInstall(kvm, state, fault.access.gfn);
    return conclude(kvm, state, vcpu, handling);
  }
  if (phase === 'SPP miss' && !isFree(kvm, state)) return undefined;
  const handling =
    phase === 'SPP miss' ? kvm.steps.handleMiss(kvm, state, fault) : violation(kvm, state, fault);
  return handling === undefined ? undefined : conclude(kvm, state, vcpu, handling);
}

/** KVM_RUN after an exit to user space. What RIP points at is executed again. */
export function runAgain(kvm: Kvm, state: State, vcpu: VcpuCells): void {
  const retries = state.get(vcpu.phase) === 'in user space';
  kvm.steps.enterRun(kvm, state, vcpu);
  state.set(vcpu.phase, retries ? 'retry' : 'in guest');
}

/** User space moves RIP past the denied write, by the instruction length that it was given, and then KVM_RUN. */
export function skipAndRun(kvm: Kvm, state: State, vcpu: VcpuCells): void {
  kvm.steps.enterRun(kvm, state, vcpu);
  state.set(vcpu.phase, 'in guest');
  state.set(vcpu.access, 'none');
}

/** The emulated write leaves for user space, with RIP where the revision leaves it. */
export function denyEmulated(
  kvm: Kvm,
  state: State,
  { vcpu, access }: FaultingVcpu,
  address: bigint,
): string {
  const { exitNumber: exitReason, skipsInstruction: ripMoved } = kvm.revision;
  state.set(vcpu.access, access.name);
  conclude(kvm, state, vcpu, { kind: 'user', exitReason, sppAddress: address, ripMoved });
  return `KVM_EXIT ${exitReason}`;
}

/** KVM writes the page for the guest: logged like a write by the hardware, and RIP goes on. */
export function completeEmulated(kvm: Kvm, state: State, { vcpu, access }: FaultingVcpu): void {
  markPageDirty(kvm, state, access.gfn);
  completeAccess(kvm, state, vcpu, access);
}

/** A guest write by an instruction that KVM emulates: KVM asks first, and only then writes. */
export function emulateWrite(kvm: Kvm, state: State, fault: FaultingVcpu): string {
  const { vcpu, access } = fault;
  const slot = kvm.vm.memslotOf(access.gfn);
  if (slot === undefined || state.get(slot.state) === 'none') {
    conclude(kvm, state, vcpu, { kind: 'user', exitReason: KVM_EXIT_MMIO, ripMoved: true });
    return `KVM_EXIT ${KVM_EXIT_MMIO}`;
  }
  const denied = kvm.steps.emulatedWriteDenied(kvm, state, access);
  if (denied !== undefined) return denyEmulated(kvm, state, fault, denied);
  completeEmulated(kvm, state, fault);
  return 'written';
}
