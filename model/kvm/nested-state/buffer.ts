import { KvmNestedState, KvmNestedState2019 } from './abi.ts';
import type { Dialect } from './dialect.ts';

/** What a buffer says, under one set of names for every revision. A revision without a field reads it as 0. */
export interface NestedState {
  readonly flags: number;
  readonly format: number;
  /** Bytes of the whole, header included, as the caller states it. */
  readonly size: number;
  readonly vmx: {
    readonly vmxonPa: bigint;
    readonly vmcs12Pa: bigint;
    readonly smmFlags: number;
    readonly flags: number;
    readonly preemptionTimerDeadline: bigint;
  };
  readonly svm: { readonly vmcbPa: bigint };
  /** Every byte after the header: the vmcs12 and the shadow vmcs12, or the VMCB. */
  readonly data: Uint8Array;
}

/**
 * Reads a buffer of at least 128 bytes.
 *
 * @throws RangeError for a shorter one: `validate` answers those itself.
 */
export function decodeNestedState(buffer: Uint8Array, dialect: Dialect): NestedState {
  const { flags, format, size, hdr, data } = KvmNestedState.decode(buffer);
  const { vmx, svm } = hdr;
  const isOld = dialect === '2019';
  return {
    flags,
    format,
    size,
    vmx: {
      vmxonPa: vmx.vmxon_pa,
      vmcs12Pa: vmx.vmcs12_pa, // vmcs_pa in 2019, at the same byte
      smmFlags: vmx.smm.flags,
      flags: isOld ? 0 : vmx.flags,
      preemptionTimerDeadline: isOld ? 0n : vmx.preemption_timer_deadline,
    },
    svm: { vmcbPa: isOld ? 0n : svm.vmcb_pa },
    data,
  };
}

/** What to write: anything left out is zero. `vmx` and `svm` share their bytes: one of them. */
export interface NestedStateInput extends Partial<Omit<NestedState, 'vmx' | 'svm'>> {
  readonly vmx?: Partial<NestedState['vmx']>;
  readonly svm?: Partial<NestedState['svm']>;
}

function headerOf({ vmx, svm }: NestedStateInput, dialect: Dialect): Uint8Array {
  const { vmxonPa = 0n, vmcs12Pa = 0n, smmFlags = 0, flags = 0, preemptionTimerDeadline = 0n } = vmx ?? {};
  const smm = { flags: smmFlags };
  if (dialect === '2019') {
    if (flags !== 0 || preemptionTimerDeadline !== 0n || svm !== undefined)
      throw new RangeError('the 2019 revision has no hdr.vmx.flags, deadline or hdr.svm');
    return KvmNestedState2019.encode({ hdr: { vmx: { vmxon_pa: vmxonPa, vmcs_pa: vmcs12Pa, smm } } });
  }
  if (svm !== undefined) {
    if (vmx !== undefined) throw new RangeError('hdr is a union: vmx or svm, not both');
    return KvmNestedState.encode({ hdr: { svm: { vmcb_pa: svm.vmcbPa ?? 0n } } });
  }
  return KvmNestedState.encode({
    hdr: {
      vmx: {
        vmxon_pa: vmxonPa,
        vmcs12_pa: vmcs12Pa,
        smm,
        flags,
        preemption_timer_deadline: preemptionTimerDeadline,
      },
    },
  });
}

/**
 * The buffer that says this.
 *
 * @throws RangeError for a value that does not fit its field, or a field that the revision does not have.
 */
export function encodeNestedState(state: NestedStateInput, dialect: Dialect): Uint8Array {
  const { flags = 0, format = 0, size = 0, data = new Uint8Array() } = state;
  const { hdr } = KvmNestedState.decode(headerOf(state, dialect));
  return KvmNestedState.encode({ flags, format, size, hdr: { pad: hdr.pad }, data });
}
