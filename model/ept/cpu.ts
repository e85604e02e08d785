import type { Word } from '../bits/index.ts';

/** VM-execution controls that change a walk. Each is off unless said otherwise. */
export interface Controls {
  /** "Sub-page write permissions for EPT": secondary processor-based control 23. */
  readonly spp: boolean;
  /** "Mode-based execute control for EPT": secondary control 22. */
  readonly mbe: boolean;
  /** "EPT-violation #VE": secondary control 18. */
  readonly eptViolationVe: boolean;
  /** "Enable PML": secondary control 17. */
  readonly pml: boolean;
}

/** What IA32_VMX_EPT_VPID_CAP (MSR 0x48C) and CPUID say the processor can do; facts 1.1. */
export interface Capabilities {
  /** Bit 0: execute-only translations. */
  readonly executeOnly: boolean;
  /** Bit 6: page-walk length 4. */
  readonly fourLevelWalk: boolean;
  /** Bit 7: page-walk length 5. */
  readonly fiveLevelWalk: boolean;
  /** Bit 8: EPT structures in uncacheable memory. */
  readonly uncacheableEpt: boolean;
  /** Bit 14: EPT structures in write-back memory. */
  readonly writeBackEpt: boolean;
  /** Bit 16: 2-MByte pages. */
  readonly twoMPages: boolean;
  /** Bit 17: 1-GByte pages. */
  readonly oneGPages: boolean;
  /** Bit 21: accessed and dirty flags. */
  readonly eptAdSupported: boolean;
  /** Bit 22: bits 11:9 of an EPT violation's exit qualification. */
  readonly advEptInfo: boolean;
  /** Bit 23: supervisor shadow-stack control. */
  readonly cet: boolean;
}

/** The rest of the processor's state that a walk looks at. */
export interface CpuState<W extends Word = bigint> {
  /** The access belongs to an IRET that unblocks NMIs. */
  readonly nmiUnblockingIret: boolean;
  /** An event is being delivered through the IDT. */
  readonly eventDelivery: boolean;
  /** CR0.PE. */
  readonly protectedMode: boolean;
  readonly pmlIndex: number;
  /** The page-modification log address. */
  readonly pmlAddress: W;
  /** The virtualization-exception information address. */
  readonly veInfoAddress: W;
  readonly eptpIndex: number;
}

/** One logical processor in VMX non-root operation, as far as a walk can see it. */
export interface Cpu<W extends Word = bigint> {
  /** MAXPHYADDR: N, 12 to 52. */
  readonly maxPhysicalAddressWidth: number;
  readonly eptp: W;
  readonly spptp: W;
  readonly controls: Controls;
  readonly capabilities: Capabilities;
  readonly state: CpuState<W>;
}

/** What to say about a processor: only the EPTP is needed. */
export interface CpuChoice {
  readonly eptp: bigint;
  readonly spptp?: bigint;
  readonly maxPhysicalAddressWidth?: number;
  readonly controls?: Partial<Controls>;
  readonly capabilities?: Partial<Capabilities>;
  readonly state?: Partial<CpuState>;
}

const controlsOff: Controls = { spp: false, mbe: false, eptViolationVe: false, pml: false };

const everyCapability: Capabilities = {
  executeOnly: true,
  fourLevelWalk: true,
  fiveLevelWalk: true,
  uncacheableEpt: true,
  writeBackEpt: true,
  twoMPages: true,
  oneGPages: true,
  eptAdSupported: true,
  advEptInfo: true,
  cet: true,
};

const quietState: CpuState = {
  nmiUnblockingIret: false,
  eventDelivery: false,
  protectedMode: true,
  pmlIndex: 511,
  pmlAddress: 0n,
  veInfoAddress: 0n,
  eptpIndex: 0,
};

/** A processor of 52 address bits that can do everything, with every control off, and what was said of it. */
export const cpuWith = (choice: CpuChoice): Cpu => ({
  maxPhysicalAddressWidth: choice.maxPhysicalAddressWidth ?? 52,
  eptp: choice.eptp,
  spptp: choice.spptp ?? 0n,
  controls: { ...controlsOff, ...choice.controls },
  capabilities: { ...everyCapability, ...choice.capabilities },
  state: { ...quietState, ...choice.state },
});
