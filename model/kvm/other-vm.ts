import type { State } from './cell.ts';
import type { Kvm } from './kvm.ts';

/** A vCPU of a VM that never enabled SPP: its control 23 stays 0, whatever other VMs do. */
export function createOtherVcpu({ vm: { other } }: Kvm, state: State): void {
  state.set(other.vcpuExists, true);
  state.set(other.sppControl, false);
}
