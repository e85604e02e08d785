import { type Cpu, cpuWith, type Outcome, translate } from '../ept/index.ts';
import type { GuestAccess } from './access.ts';
import type { State, View } from './cell.ts';
import type { Kvm } from './kvm.ts';
import { memoryOf } from './page-tables.ts';
import type { VcpuCells, VcpuPhase } from './vcpu.ts';
import type { Vm } from './vm.ts';

/** The processor that a vCPU runs on, with what KVM wrote into its VMCS. */
export const cpuOf = ({ eptp }: Vm, view: View, vcpu: VcpuCells): Cpu =>
  cpuWith({ eptp, spptp: view.get(vcpu.spptp), controls: { spp: view.get(vcpu.sppControl) } });

/** What the hardware does with an access now: a walk of the VM's own words. */
export const walk = ({ vm }: Kvm, view: View, vcpu: VcpuCells, access: GuestAccess): Outcome =>
  translate(memoryOf(vm, view), cpuOf(vm, view, vcpu), access.access);

const exits: Partial<Record<Outcome['kind'], VcpuPhase>> = {
  ept_violation: 'EPT violation',
  spp_miss: 'SPP miss',
  spp_misconfig: 'SPP misconfiguration',
};

/** A guest write that the hardware or KVM lets through: the page is modified, and RIP goes on. */
export function completeAccess(kvm: Kvm, state: State, vcpu: VcpuCells, access: GuestAccess): void {
  const slot = kvm.vm.memslotOf(access.gfn);
  if (access.writes && slot !== undefined && state.get(slot.logging))
    state.set(kvm.vm.frame(access.gfn).written, true);
  state.set(vcpu.phase, 'in guest');
  state.set(vcpu.access, 'none');
}

/**
 * The vCPU executes the instruction at RIP. Either the access happens and RIP moves on, both at once, or neither and
 * the processor exits. Returns what a person would say happened.
 */
export function executeAccess(kvm: Kvm, state: State, vcpu: VcpuCells, access: GuestAccess): string {
  const cached = vcpu.cachedGrants.get(access.name);
  const done = access.writes ? 'written' : 'read';
  if (cached !== undefined && state.get(cached)) {
    completeAccess(kvm, state, vcpu, access);
    return done;
  }
  const outcome = walk(kvm, state, vcpu, access);
  if (outcome.kind === 'allowed') {
    if (cached !== undefined) state.set(cached, true);
    completeAccess(kvm, state, vcpu, access);
    return done;
  }
  const phase = exits[outcome.kind];
  if (phase === undefined)
    return `${outcome.kind} at 0x${('address' in outcome ? outcome.address : 0n).toString(16)}`;
  state.set(vcpu.phase, phase);
  state.set(vcpu.access, access.name);
  return `exit: ${phase}`;
}
