import { bit, layout, reserved } from '../bits/index.ts';
import type { Cpu } from './cpu.ts';
import { EptPte } from './entry.ts';
import { Eptp } from './eptp.ts';
import type { Demand } from './demand.ts';
import type { Rights } from './rights.ts';
import { everyRight, bothPermit, rightsOf } from './rights.ts';
import type { WalkRead } from './translation.ts';

/**
 * Exit qualification of an EPT violation, exit reason 48. SDM vol. 3C, "Exit Qualification for EPT Violations";
 * facts 1.5.
 */
export const ViolationQualification = layout('ViolationQualification', {
  read: bit(0),
  write: bit(1),
  execute: bit(2),
  readable: bit(3),
  writable: bit(4),
  executable: bit(5),
  executableUser: bit(6),
  linearValid: bit(7),
  finalTranslation: bit(8), // of the linear address; 0: a guest page walk or its A/D update
  linearUser: bit(9),
  linearWritable: bit(10),
  linearNx: bit(11),
  nmiUnblocking: bit(12),
  shadowStack: bit(13),
  shadowStackPage: bit(14),
  guestPagingVerification: bit(15),
  asynchronous: bit(16),
  _63_17: reserved(63, 17),
});

/** A qualification, and the bits of it that the processor leaves undefined. They are 0 in `word`. */
export interface Qualification {
  readonly word: bigint;
  readonly undefinedBits: bigint;
}

/** Exit qualification of a page-modification log-full event, exit reason 62: only bit 12 has a meaning. */
export const PmlFullQualification = layout('PmlFullQualification', {
  _11_0: reserved(11, 0),
  nmiUnblocking: bit(12),
  _63_13: reserved(63, 13),
});

/** Bits 5:3 and 6 are the rights of all entries read, the one that is not present included: it gives none. */
const rightsOfEntries = (entries: readonly WalkRead[]): Rights =>
  entries.reduce((rights, { word }) => bothPermit(rights, rightsOf(word)), everyRight);

/** Bits 1:0: an access to a guest paging structure that counts as a write is reported as a read and a write. */
function accessBits({ access, read, write, execute }: Demand): {
  read: boolean;
  write: boolean;
  execute: boolean;
} {
  return { read: read || (access.pageWalk && write), write, execute };
}

/**
 * The exit qualification of an EPT violation by this access, after reading these EPT entries, top down. An SPP
 * denial is reported in the same way: it has no bit of its own.
 */
export function violationQualification(
  demand: Demand,
  entries: readonly WalkRead[],
  leaf: WalkRead | undefined,
  cpu: Cpu,
): Qualification {
  const { access } = demand;
  const rights = rightsOfEntries(entries);
  const isFinal = access.linearValid && !access.pageWalk;
  const saysLinear = isFinal && cpu.capabilities.advEptInfo;
  const enforcesShadowStack = Eptp.get(cpu.eptp, 'supervisorShadowStack');
  const mask = ViolationQualification.mask;
  return {
    word: ViolationQualification.encode({
      ...accessBits(demand),
      readable: rights.read,
      writable: rights.write,
      executable: rights.execute,
      executableUser: cpu.controls.mbe && rights.executeUser,
      linearValid: access.linearValid,
      finalTranslation: isFinal,
      linearUser: saysLinear && access.userMode,
      linearWritable: saysLinear && access.guestWritable,
      linearNx: saysLinear && access.guestNx,
      nmiUnblocking: cpu.state.nmiUnblockingIret,
      shadowStack: access.kind === 'shadow_stack_read' || access.kind === 'shadow_stack_write',
      shadowStackPage: enforcesShadowStack && leaf !== undefined && EptPte.get(leaf.word, 'shadowStack'),
    }),
    undefinedBits:
      (access.kind === 'rmw' && !access.pageWalk ? mask('read') : 0n) |
      (cpu.controls.mbe ? 0n : mask('executableUser')) |
      (saysLinear ? 0n : mask('linearUser') | mask('linearWritable') | mask('linearNx')) |
      (enforcesShadowStack && leaf === undefined ? mask('shadowStackPage') : 0n),
  };
}
