import { array, bytes, flexibleArray, struct, u16, u32, u64, u8 } from '../bits/index.ts';
import type { Revision } from './revision.ts';

/** `SUBPAGE_MAX_BITMAP` of the fixed array. */
const SUBPAGE_MAX_BITMAP = 64;

/** RFC V2's design text and the document in seed 001: "struct kvm_subpage_info", an array behind a pointer. */
export const KvmSubpageInfo = struct(
  'kvm_subpage_info',
  { gfn: u64, npages: u64, access_map: u64 },
  { size: 24, offsets: { gfn: 0, npages: 8, access_map: 16 } },
);

/** RFC v1 (seed 003, "struct kvm_subpage") to v7: the array in the structure. */
export const KvmSubpageFixed = struct(
  'kvm_subpage',
  { base_gfn: u64, npages: u64, access_map: array(u32, SUBPAGE_MAX_BITMAP) },
  { size: 272, offsets: { base_gfn: 0, npages: 8, access_map: 16 } },
);

/** v8 to v12: "flags field + flexible array" (facts 5, the review of v7 1/9). */
export const KvmSubpage = struct(
  'kvm_subpage',
  { gfn_base: u64, npages: u32, flags: u32, access_map: flexibleArray(u32) },
  { size: 16, offsets: { gfn_base: 0, npages: 8, flags: 12, access_map: 16 } },
);

/** `kvm_run.spp` up to v7: seed 002, "struct { __u64 addr; } spp". */
export const KvmRunSppAddress = struct('kvm_run_spp', { addr: u64 }, { size: 8, offsets: { addr: 0 } });

/** `kvm_run.spp` from v8 on: `ins_len` until v11, `insn_len` in v12. */
export const KvmRunSpp = struct(
  'kvm_run_spp',
  { addr: u64, insn_len: u8 },
  { size: 16, offsets: { addr: 0, insn_len: 8 } },
);

/** The start of `struct kvm_run`, up to the union whose member `spp` is. `include/uapi/linux/kvm.h`. */
export const KvmRunHead = struct(
  'kvm_run',
  {
    request_interrupt_window: u8,
    immediate_exit: u8,
    padding1: bytes(6),
    exit_reason: u32,
    ready_for_interrupt_injection: u8,
    if_flag: u8,
    flags: u16,
    cr8: u64,
    apic_base: u64,
  },
  { size: 32, offsets: { exit_reason: 8, cr8: 16 } },
);

/** A KVM_EXIT_SPP as user space finds it in the shared page: what the head says, then `spp`. */
export function encodeSppExit(
  { exitNumber, instructionLength }: Pick<Revision, 'exitNumber' | 'instructionLength'>,
  exit: { readonly address: bigint; readonly instructionBytes: number },
): Uint8Array {
  const { address: addr, instructionBytes: insn_len } = exit;
  const spp =
    instructionLength === 'absent'
      ? KvmRunSppAddress.encode({ addr })
      : KvmRunSpp.encode({ addr, insn_len });
  return Uint8Array.from([...KvmRunHead.encode({ exit_reason: exitNumber }), ...spp]);
}

/** The KVM_EXIT_SPP in a shared page; `undefined` where its exit reason is another. */
export function decodeSppExit(
  { exitNumber, instructionLength }: Pick<Revision, 'exitNumber' | 'instructionLength'>,
  page: Uint8Array,
): { readonly address: bigint; readonly instructionBytes: number | undefined } | undefined {
  if (KvmRunHead.decode(page).exit_reason !== exitNumber) return undefined;
  const union = page.subarray(KvmRunHead.size);
  if (instructionLength === 'absent')
    return { address: KvmRunSppAddress.decode(union).addr, instructionBytes: undefined };
  const { addr: address, insn_len: instructionBytes } = KvmRunSpp.decode(union);
  return { address, instructionBytes };
}

/** What a GET or SET argument says, whatever the structure. */
export interface SubpageArgument {
  readonly gfn: bigint;
  readonly npages: number;
  readonly flags: number;
  /** One vector a page. What GET passes in does not matter. */
  readonly accessMap: readonly number[];
}

/**
 * The buffer that user space passes. The pointer form has its array elsewhere: give that address.
 *
 * @throws RangeError when the structure cannot hold the argument (more than 64 vectors in the fixed array).
 */
export function encodeSubpageArgument(
  { argument }: Pick<Revision, 'argument'>,
  { gfn, npages, flags, accessMap }: SubpageArgument,
  accessMapAddress = 0n,
): Uint8Array {
  switch (argument) {
    case 'pointer':
      return KvmSubpageInfo.encode({ gfn, npages: BigInt(npages), access_map: accessMapAddress });
    case 'fixed array': {
      const padding = Array.from({ length: SUBPAGE_MAX_BITMAP - accessMap.length }, () => 0);
      const access_map = [...accessMap, ...padding];
      return KvmSubpageFixed.encode({ base_gfn: gfn, npages: BigInt(npages), access_map });
    }
    case 'flexible array':
      return KvmSubpage.encode({ gfn_base: gfn, npages, flags, access_map: accessMap });
  }
}
