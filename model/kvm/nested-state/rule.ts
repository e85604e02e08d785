import { layout, reserved, wide } from '../../bits/index.ts';
import { type ErrnoName, failure } from '../errno.ts';
import { noAddress, Vmcs12 } from './abi.ts';
import type { NestedState } from './buffer.ts';
import { PrimaryControls, SecondaryControls, Vmcs12Header } from './flags.ts';
import type { Source } from '../../citation.ts';

/** One `KVM_SET_NESTED_STATE`: what the caller's memory holds, what it says, and the vCPU it is for. */
export interface Call<V> {
  /** The caller's memory from the pointer on; nothing where the pointer is NULL. */
  readonly memory: Uint8Array;
  readonly state: NestedState;
  readonly vcpu: V;
}

/** One check of the kernel's, in the place where it stands: it ends the call, refused or accepted, or lets it pass. */
export interface Rule<V> {
  /** Its short name, which the protocol's machine shares. */
  readonly name: string;
  /** What it demands (or, where it accepts, when it does), in one sentence. */
  readonly about: string;
  /** The kernel function that has it, and the facts' row that shows it where one does. */
  readonly source: Source;
  /** What the call returns where `applies`: 0 or a negative errno. */
  readonly errno: number;
  applies(call: Call<V>): boolean;
}

type RuleText = Pick<Rule<never>, 'name' | 'about' | 'source'>;

/** A check that refuses the call where `applies`. */
export const refuse = <V>(
  rule: RuleText,
  applies: (call: Call<V>) => boolean,
  errno: ErrnoName = 'EINVAL',
): Rule<V> => ({ ...rule, errno: failure(errno), applies });

/** A point at which the call succeeds early. */
export const accept = <V>(rule: RuleText, applies: (call: Call<V>) => boolean): Rule<V> => ({
  ...rule,
  errno: 0,
  applies,
});

const PageAddress = layout('page address', { _11_0: reserved(11, 0), page: wide(63, 12) });
const LegalAddress = layout('guest-physical address', {
  page: { ...wide(51, 0), isAddress: true },
  _63_52: reserved(63, 52),
});

/** `page_address_valid`: page aligned, and within the guest's physical-address width. */
export const isPageAddress = (value: bigint, maxPhysicalAddressWidth: number): boolean =>
  PageAddress.reservedBits(value, 52) === 0n &&
  LegalAddress.reservedBits(value, maxPhysicalAddressWidth) === 0n;

/** Whether a flag word has only bits that its layout defines. */
export const isDefined = (
  word: number,
  flags: { reservedBits(word: bigint, width: number): bigint },
): boolean => flags.reservedBits(BigInt(word), 52) === 0n;

/** What the ioctl reads of a vmcs12 that starts at this byte of the data; `undefined` where the memory ends before. */
export function vmcs12At(
  data: Uint8Array,
  at: number,
): { readonly revision: number; readonly isShadow: boolean; readonly usesShadow: boolean } | undefined {
  if (data.length < at + Vmcs12.size) return undefined;
  const vmcs12 = Vmcs12.decode(data.subarray(at));
  const { revision, shadow } = Vmcs12Header.decode(BigInt(vmcs12.hdr));
  const usesShadow =
    PrimaryControls.get(BigInt(vmcs12.cpu_based_vm_exec_control), 'activateSecondary') &&
    SecondaryControls.get(BigInt(vmcs12.secondary_vm_exec_control), 'vmcsShadowing') &&
    vmcs12.vmcs_link_pointer !== noAddress;
  return { revision, isShadow: shadow, usesShadow };
}
