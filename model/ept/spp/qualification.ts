import { flag, layout, reserved, type Word } from '../../bits/index.ts';
import type { Cpu } from '../cpu.ts';
import { nmiUnblocking } from '../qualification.ts';
import { seed } from '../../citation.ts';

/**
 * Exit qualification of an SPP-related event, exit reason 66. Seed 001, "New exit qualification for SPPT-induced
 * vmexits".
 */
export const SppQualification = layout('SppQualification', {
  _10_0: reserved(10, 0),
  miss: flag(11, 'SPPT miss', seed('001', 'Set for SPPT Miss, cleared for SPPT Misconfig.'), [
    'SPPT miss: an L4E, L3E or L2E is not valid',
    'SPPT misconfiguration: an entry has reserved bits set',
  ]),
  nmiUnblocking,
  _63_13: reserved(63, 13),
});

/** The exit qualification of a miss or a misconfiguration. */
export const sppQualification = (
  kind: 'miss' | 'misconfigured',
  { state }: Pick<Cpu<Word>, 'state'>,
): bigint => SppQualification.encode({ miss: kind === 'miss', nmiUnblocking: state.nmiUnblockingIret });
