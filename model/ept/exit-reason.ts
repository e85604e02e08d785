import { bit, bits, ignored, layout } from '../bits/index.ts';

/** The exit-reason field of the VMCS, 0x4402. SDM vol. 3C, "Basic VM-Exit Information". */
export const ExitReason = layout('ExitReason', {
  basic: bits(15, 0),
  _30_16: ignored(30, 16),
  entryFailure: bit(31),
  _63_32: ignored(63, 32),
});

/** Basic exit reasons, by number. SDM vol. 3C, appendix "VMX Basic Exit Reasons". */
const names: Readonly<Record<number, string>> = {
  0: 'exception or non-maskable interrupt',
  1: 'external interrupt',
  2: 'triple fault',
  3: 'INIT signal',
  4: 'start-up IPI',
  7: 'interrupt window',
  8: 'NMI window',
  9: 'task switch',
  10: 'CPUID',
  12: 'HLT',
  13: 'INVD',
  14: 'INVLPG',
  15: 'RDPMC',
  16: 'RDTSC',
  18: 'VMCALL',
  28: 'control-register access',
  29: 'MOV DR',
  30: 'I/O instruction',
  31: 'RDMSR',
  32: 'WRMSR',
  33: 'VM-entry failure due to invalid guest state',
  34: 'VM-entry failure due to MSR loading',
  36: 'MWAIT',
  37: 'monitor trap flag',
  39: 'MONITOR',
  40: 'PAUSE',
  41: 'VM-entry failure due to a machine-check event',
  43: 'TPR below threshold',
  44: 'APIC access',
  45: 'virtualized EOI',
  46: 'access to GDTR or IDTR',
  47: 'access to LDTR or TR',
  48: 'EPT violation',
  49: 'EPT misconfiguration',
  50: 'INVEPT',
  51: 'RDTSCP',
  52: 'VMX-preemption timer expired',
  53: 'INVVPID',
  54: 'WBINVD or WBNOINVD',
  55: 'XSETBV',
  56: 'APIC write',
  57: 'RDRAND',
  58: 'INVPCID',
  59: 'VMFUNC',
  60: 'ENCLS',
  61: 'RDSEED',
  62: 'page-modification log full',
  63: 'XSAVES',
  64: 'XRSTORS',
  65: 'PCONFIG',
  66: 'SPP-related event',
  67: 'UMWAIT',
  68: 'TPAUSE',
  69: 'LOADIWKEY',
  74: 'bus lock',
  75: 'notify VM exit',
};

/** What a basic exit reason is called; `undefined` for a number that is not listed. */
export const exitReasonName = (basic: number): string | undefined => names[basic];

/** The names that KVM prints in its traces, of the reasons that a walk is the cause of. facts/oracle.md 4.2. */
export const kvmExitReasons: Readonly<Record<string, number>> = {
  EPT_VIOLATION: 48,
  EPT_MISCONFIG: 49,
  PML_FULL: 62,
  SPP: 66,
};

/** Reasons of which no walk of the EPT or the SPPT is the cause, and what is. */
export const walkIsNotTheCause: Readonly<Record<number, string>> = {
  0: 'the guest or an interrupt caused it; the tables of the EPT did not',
  2: 'the guest could not deliver an exception; look at its own descriptor tables',
  33: 'VM entry refused the guest state (CR0, CR4, segments, RFLAGS, activity state …): no guest instruction ran, so no walk was made',
  34: 'VM entry failed while it loaded MSRs: no guest instruction ran, so no walk was made',
  41: 'a machine check during VM entry: no walk was made',
};
