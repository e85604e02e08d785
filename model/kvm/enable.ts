import type { State } from './cell.ts';
import { failure } from './errno.ts';
import type { EnableConditions, Kvm } from './kvm.ts';
import { allocateRoot } from './sppt.ts';
import { FULL_VECTOR } from './vector.ts';

/** Asks every vCPU to load SPPTP and control 23 before it runs guest code again. */
export function requestLoad({ vm }: Kvm, state: State): void {
  for (const vcpu of vm.vcpus) if (state.get(vcpu.exists)) state.set(vcpu.loadRequest, true);
}

/** The vectors of every memslot, nothing protected. */
export function allocateVectors({ vm }: Kvm, state: State): void {
  for (const slot of vm.memslots) {
    if (state.get(slot.state) === 'none') continue;
    state.set(slot.state, 'info');
    for (const gfn of slot.gfns) state.set(vm.frame(gfn).vector, FULL_VECTOR);
  }
}

/**
 * KVM_INIT_SPP (v3 to v7) or KVM_ENABLE_CAP(KVM_CAP_X86_SPP) (v8 on): "Allocate storage for sub-page permission
 * vectors and SPPT root page" (seed 001). Facts 3.2, INIT. Enabling twice is no error and changes nothing.
 */
export function enable(kvm: Kvm, state: State, conditions: EnableConditions): number {
  const { hardware, nested, memoryAvailable } = conditions;
  if (nested) return failure('EPERM');
  if (!hardware) return failure('ENODEV');
  if (state.get(kvm.vm.active)) return 0;
  if (!memoryAvailable) return failure('ENOMEM');
  allocateVectors(kvm, state);
  allocateRoot(kvm, state);
  state.set(kvm.vm.active, true);
  requestLoad(kvm, state);
  return 0;
}
