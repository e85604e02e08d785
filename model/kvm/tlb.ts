import type { State } from './cell.ts';
import type { Kvm } from './kvm.ts';

/** `kvm_flush_remote_tlbs`: every processor forgets what it cached, before the caller goes on. */
export function flushRemoteTlbs({ vm }: Kvm, state: State): void {
  for (const { cachedGrants } of vm.vcpus) for (const cell of cachedGrants.values()) state.set(cell, false);
}
