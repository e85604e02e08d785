import { scratch, type View } from './cell.ts';
import { executeAccess } from './guest-access.ts';
import { handleExit } from './handle-exit.ts';
import type { Kvm } from './kvm.ts';
import { loadSpp } from './roots.ts';
import type { VcpuCells } from './vcpu.ts';
import type { GuestAccess } from './access.ts';

/** How an access ends if nobody interferes. */
export interface Settled {
  /** `stuck`: more than `limit` VM exits, or a walk that cannot be finished. */
  readonly outcome: 'done' | 'user space' | 'stuck';
  /** VM exits on the way. */
  readonly exits: number;
  /** `kvm_run.exit_reason` and `kvm_run.spp.addr`, where it ends in user space. */
  readonly exitReason: number;
  readonly sppAddress: bigint;
  /** The last thing that happened. */
  readonly last: string;
}

const limit = 8;

/**
 * Runs one access to its end on a copy of the words, as if this vCPU were alone and held no cached translation:
 * execute, exit, handle, execute again.
 */
export function settle(kvm: Kvm, view: View, vcpu: VcpuCells, access: GuestAccess): Settled {
  const state = scratch(view);
  state.set(kvm.vm.mmuLock, 'free');
  for (const cell of vcpu.cachedGrants.values()) state.set(cell, false);
  if (state.get(vcpu.loadRequest)) loadSpp(kvm, state, vcpu);
  state.set(vcpu.exitReason, view.get(vcpu.exitReason));
  const end = (outcome: Settled['outcome'], exits: number, last: string): Settled => ({
    outcome,
    exits,
    exitReason: state.get(vcpu.exitReason),
    sppAddress: state.get(vcpu.sppAddress),
    last,
  });
  for (let exits = 0; exits <= limit; exits++) {
    state.set(vcpu.phase, 'in guest');
    const executed = executeAccess(kvm, state, vcpu, access);
    if (executed === 'written' || executed === 'read') return end('done', exits, executed);
    if (!executed.startsWith('exit')) return end('stuck', exits, executed);
    let handled = handleExit(kvm, state, vcpu);
    if (state.get(vcpu.phase) === 'marking') handled = handleExit(kvm, state, vcpu);
    const phase = state.get(vcpu.phase);
    if (phase === 'marking') return end('stuck', exits + 1, String(handled));
    if (phase !== 'retry') return end('user space', exits + 1, String(handled));
  }
  return end('stuck', limit, `${limit} VM exits`);
}
