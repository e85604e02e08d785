import { bit, layout, reserved } from '../../bits/index.ts';
import type { Cpu } from '../cpu.ts';

/**
 * Exit qualification of an SPP-related event, exit reason 66. Seed 001, "New exit qualification for SPPT-induced
 * vmexits".
 */
export const SppQualification = layout('SppQualification', {
  _10_0: reserved(10, 0),
  miss: bit(11), // "Set for SPPT Miss, cleared for SPPT Misconfig."
  nmiUnblocking: bit(12), // "NMI unblocking due to IRET"
  _63_13: reserved(63, 13),
});

/** The exit qualification of a miss or a misconfiguration. */
export const sppQualification = (kind: 'miss' | 'misconfigured', { state }: Pick<Cpu, 'state'>): bigint =>
  SppQualification.encode({ miss: kind === 'miss', nmiUnblocking: state.nmiUnblockingIret });
