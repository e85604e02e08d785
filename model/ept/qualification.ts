import { flag, layout, reserved, type Word } from '../bits/index.ts';
import type { Cpu } from './cpu.ts';
import { EptPte } from './entry.ts';
import { Eptp } from './eptp.ts';
import type { Demand } from './demand.ts';
import { allGive } from './rights.ts';
import type { WalkRead } from './translation.ts';
import { sdm, seed } from '../citation.ts';

const section = sdm('Exit Qualification for EPT Violations');
const says = (at: number, title: string, set: string, clear: string) =>
  flag(at, title, section, [set, clear]);

/** Bit 12 of every exit qualification of a walk. */
export const nmiUnblocking = flag(12, 'NMI unblocking', seed('001', 'NMI unblocking due to IRET'), [
  'the access belongs to an IRET that unblocks NMIs',
  'no NMI unblocking due to IRET',
]);

/**
 * Exit qualification of an EPT violation, exit reason 48. SDM vol. 3C, "Exit Qualification for EPT Violations";
 * facts 1.5.
 */
export const ViolationQualification = layout('ViolationQualification', {
  read: says(0, 'read', 'the access is a data read', 'not a data read'),
  write: says(1, 'write', 'the access is a data write', 'not a data write'),
  execute: says(2, 'fetch', 'the access is an instruction fetch', 'not an instruction fetch'),
  readable: says(
    3,
    'EPT allows reads',
    'every EPT entry used permits reads',
    'some EPT entry permits no reads, or is not present',
  ),
  writable: says(
    4,
    'EPT allows writes',
    'every EPT entry used permits writes',
    'some EPT entry permits no writes, or is not present',
  ),
  executable: says(
    5,
    'EPT allows fetches',
    'every EPT entry used permits execution (with mode-based execute control: supervisor-mode)',
    'some EPT entry permits no execution, or is not present',
  ),
  executableUser: says(
    6,
    'EPT allows user fetches',
    'every EPT entry used permits user-mode execution (undefined without mode-based execute control)',
    'no user-mode execution (undefined without mode-based execute control)',
  ),
  linearValid: says(
    7,
    'linear address valid',
    'the guest linear-address field is valid',
    'there is no guest linear address',
  ),
  finalTranslation: says(
    8,
    'of the linear address itself',
    'an access to the translation of the linear address',
    'an access to a guest paging structure, or an update of its accessed or dirty flag',
  ),
  linearUser: says(
    9,
    'user-mode address',
    'a user-mode linear address',
    'a supervisor-mode linear address (undefined without advanced information)',
  ),
  linearWritable: says(
    10,
    'guest page is writable',
    'the guest page is read/write',
    'the guest page is read-only (undefined without advanced information)',
  ),
  linearNx: says(
    11,
    'guest page is execute-disable',
    'the guest page is execute-disable',
    'the guest page is executable (undefined without advanced information)',
  ),
  nmiUnblocking,
  shadowStack: says(13, 'shadow stack', 'a shadow-stack access', 'not a shadow-stack access'),
  shadowStackPage: says(
    14,
    'shadow-stack page',
    'the EPT leaf is a supervisor shadow-stack page',
    'the EPT leaf is no supervisor shadow-stack page (undefined where no leaf was reached)',
  ),
  guestPagingVerification: says(
    15,
    'guest-paging verification',
    'caused by guest-paging verification',
    'not caused by guest-paging verification',
  ),
  asynchronous: says(
    16,
    'asynchronous',
    'asynchronous to instruction execution',
    'not asynchronous to instruction execution',
  ),
  _63_17: reserved(63, 17),
});
type ViolationField = keyof typeof ViolationQualification.fields;

/** Bits that say something only where other bits are 1. Facts 1.5: "7=8=1", "0 if bit 7 = 0". */
const onlyWith: Partial<Record<ViolationField, 'linearValid' | 'finalTranslation'>> = {
  finalTranslation: 'linearValid',
  linearUser: 'finalTranslation',
  linearWritable: 'finalTranslation',
  linearNx: 'finalTranslation',
};

/**
 * The bit that must be 1 for a field of an EPT violation's qualification to say anything, where that bit is 0 in
 * this word: `finalTranslation` for bits 11:9 of an access to a guest paging structure.
 */
export function missingPremise(
  word: bigint,
  field: string,
): 'linearValid' | 'finalTranslation' | undefined {
  const premise = onlyWith[field as ViolationField];
  if (premise === undefined) return undefined;
  const above = missingPremise(word, premise);
  if (above !== undefined) return above;
  return ViolationQualification.get(word, premise) ? undefined : premise;
}

/** A qualification, and the bits of it that the processor leaves undefined. They are 0 in `word`. */
export interface Qualification {
  readonly word: bigint;
  readonly undefinedBits: bigint;
}

/** Exit qualification of a page-modification log-full event, exit reason 62: only bit 12 has a meaning. */
export const PmlFullQualification = layout('PmlFullQualification', {
  _11_0: reserved(11, 0),
  nmiUnblocking,
  _63_13: reserved(63, 13),
});

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
  entries: readonly WalkRead<Word>[],
  leaf: WalkRead<Word> | undefined,
  cpu: Cpu<Word>,
): Qualification {
  const { access } = demand;
  const { read, write, execute } = accessBits(demand);
  const isFinal = access.linearValid && !access.pageWalk;
  const saysLinear = isFinal && cpu.capabilities.advEptInfo;
  const enforcesShadowStack = Eptp.get(cpu.eptp, 'supervisorShadowStack');
  const mask = ViolationQualification.mask;
  const word = ViolationQualification.encode({
    read,
    write,
    execute,
    // the entry that is not present counts too, and gives none
    readable: allGive(entries, 'read'),
    writable: allGive(entries, 'write'),
    executable: allGive(entries, 'execute'),
    executableUser: cpu.controls.mbe && allGive(entries, 'executeUser'),
    linearValid: access.linearValid,
    finalTranslation: isFinal,
    linearUser: saysLinear && access.userMode,
    linearWritable: saysLinear && access.guestWritable,
    linearNx: saysLinear && access.guestNx,
    nmiUnblocking: cpu.state.nmiUnblockingIret,
    shadowStack: access.kind === 'shadow_stack_read' || access.kind === 'shadow_stack_write',
    shadowStackPage: enforcesShadowStack && leaf !== undefined && EptPte.get(leaf.word, 'shadowStack'),
  });
  const hasNoLinear = !cpu.capabilities.advEptInfo || missingPremise(word, 'linearUser') !== undefined;
  return {
    word,
    undefinedBits:
      (access.kind === 'rmw' && !access.pageWalk ? mask('read') : 0n) |
      (cpu.controls.mbe ? 0n : mask('executableUser')) |
      (hasNoLinear ? mask('linearUser') | mask('linearWritable') | mask('linearNx') : 0n) |
      (enforcesShadowStack && leaf === undefined ? mask('shadowStackPage') : 0n),
  };
}
