import { sppVmcs } from '../ept/spp/index.ts';
import { kvmIor, kvmIow } from './ioc.ts';
import { KvmSubpageInfo } from './subpage-struct.ts';
import type { Revision } from './revision.ts';

/** Basic exit reason of an SPP-induced VM exit. Seed 001, "#define EXIT_REASON_SPP 66". */
export const EXIT_REASON_SPP = sppVmcs.exitReason;

/** `kvm_run.exit_reason` where KVM did not say why it came back. */
export const KVM_EXIT_UNKNOWN = 0;
/** `kvm_run.exit_reason` of an access that no memslot backs. */
export const KVM_EXIT_MMIO = 6;

/** Bit of the secondary processor-based controls. Seed 003, "bit 23 is the control of the SPP capability". */
export const SPP_CONTROL_BIT = sppVmcs.secondaryControlBit;
/** The same bit's "may be 1" in IA32_VMX_PROCBASED_CTLS2, whose high half holds the allowed-1 settings. */
export const SPP_CAPABILITY_MSR_BIT = sppVmcs.capabilityBit;
/** VMCS encoding of SPPTP, and of its high half. Seed 003, "encoding for this VMCS field if defined 0x2030". */
export const SPPTP_ENCODING = { full: sppVmcs.spptpEncoding, high: sppVmcs.spptpEncoding + 1 } as const;

/** The number part of each ioctl: seed 001, "_IOR(KVMIO, 0x49, __u64)". */
const number = { get: 0x49, set: 0x4a, init: 0x4b } as const;
const u64Bytes = 8;

export interface SppIoctls {
  readonly KVM_SUBPAGES_GET_ACCESS: number;
  readonly KVM_SUBPAGES_SET_ACCESS: number;
  readonly KVM_INIT_SPP: number | undefined;
}

/** The ioctl numbers of a revision; `undefined` where no text that we have gives its encoding (RFC v1). */
export function sppIoctls(of: Revision): SppIoctls | undefined {
  if (of.encodedSize === 'unknown') return undefined;
  const size = of.encodedSize === 'structure' ? KvmSubpageInfo.size : u64Bytes;
  return {
    KVM_SUBPAGES_GET_ACCESS: kvmIor(number.get, size),
    KVM_SUBPAGES_SET_ACCESS: kvmIow(number.set, size),
    KVM_INIT_SPP: of.enabledBy === 'KVM_INIT_SPP' ? kvmIow(number.init, u64Bytes) : undefined,
  };
}

/**
 * What KVM_CHECK_EXTENSION answers for KVM_CAP_X86_SPP: how many pages one call may take, whether or not the
 * processor has SPP: enabling it says that. 0 before there was a capability.
 */
export const checkExtension = (of: Revision): number =>
  of.enabledBy === 'KVM_ENABLE_CAP' ? of.maxPages : 0;
