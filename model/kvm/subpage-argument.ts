import { array, u32, u64 } from '../bits/index.ts';
import { failure } from './errno.ts';
import type { Revision } from './revision.ts';
import {
  encodeSubpageArgument,
  KvmSubpage,
  KvmSubpageFixed,
  KvmSubpageInfo,
  type SubpageArgument,
} from './subpage-struct.ts';

/** `copy_from_user`: the bytes at a user address, or `undefined` where some of them cannot be read. */
export type CopyFromUser = (address: bigint, length: number) => Uint8Array | undefined;

/** User memory that holds nothing but this buffer, at address 0: what a caller with one buffer needs. */
export const userBuffer =
  (buffer: Uint8Array): CopyFromUser =>
  (address, length) => {
    const start = Number(address);
    return start + length <= buffer.length ? buffer.subarray(start, start + length) : undefined;
  };

/** What the copying can meet besides the buffer itself. */
export interface CopyConditions {
  /** `kvm->arch.spp_active`. */
  readonly active: boolean;
  /** Whether the kernel's copy of the array can be allocated. */
  readonly memoryAvailable: boolean;
}

/** The columns of a revision that decide how GET's and SET's argument is read. */
export type ArgumentRules = Pick<Revision, 'argument' | 'zeroPages' | 'maxPages'>;

/** The argument, or what the ioctl returns without having looked further: an errno, or 0 for no pages at all. */
export type CopiedArgument =
  | { readonly ok: true; readonly argument: SubpageArgument }
  | { readonly ok: false; readonly result: number };

const refuse = (result: number): CopiedArgument => ({ ok: false, result });

function checkPages(of: ArgumentRules, npages: bigint): CopiedArgument | undefined {
  if (npages === 0n) return refuse(of.zeroPages === 'zero' ? 0 : failure('EINVAL'));
  return npages > BigInt(of.maxPages) ? refuse(failure('EINVAL')) : undefined;
}

function copyFlexible(of: ArgumentRules, copy: CopyFromUser, memoryAvailable: boolean): CopiedArgument {
  const header = copy(0n, KvmSubpage.size);
  if (header === undefined) return refuse(failure('EFAULT'));
  const { flags, npages } = KvmSubpage.decode(header);
  if (flags !== 0) return refuse(failure('EINVAL'));
  const bad = checkPages(of, BigInt(npages));
  if (bad !== undefined) return bad;
  if (!memoryAvailable) return refuse(failure('ENOMEM'));
  const whole = copy(0n, KvmSubpage.size + u32.size * npages);
  if (whole === undefined) return refuse(failure('EFAULT'));
  const { gfn_base, access_map } = KvmSubpage.decode(whole);
  return { ok: true, argument: { gfn: gfn_base, npages, flags, accessMap: access_map } };
}

function copyFixed(of: ArgumentRules, copy: CopyFromUser): CopiedArgument {
  const buffer = copy(0n, KvmSubpageFixed.size);
  if (buffer === undefined) return refuse(failure('EFAULT'));
  const { base_gfn: gfn, npages, access_map } = KvmSubpageFixed.decode(buffer);
  const bad = checkPages(of, npages);
  if (bad !== undefined) return bad;
  const accessMap = access_map.slice(0, Number(npages));
  return { ok: true, argument: { gfn, npages: Number(npages), flags: 0, accessMap } };
}

function copyPointer(of: ArgumentRules, copy: CopyFromUser): CopiedArgument {
  const buffer = copy(0n, KvmSubpageInfo.size);
  if (buffer === undefined) return refuse(failure('EFAULT'));
  const { gfn, npages, access_map: pointer } = KvmSubpageInfo.decode(buffer);
  const bad = checkPages(of, npages);
  if (bad !== undefined) return bad;
  // The design text declares `u64 *access_map`: one 64-bit element a page, of which the low half is the vector.
  const vectors = array(u64, Number(npages));
  const elements = copy(pointer, vectors.size);
  if (elements === undefined) return refuse(failure('EFAULT'));
  const view = new DataView(elements.buffer, elements.byteOffset, elements.byteLength);
  const accessMap = vectors.read(view, 0).map(element => Number(BigInt.asUintN(32, element)));
  return { ok: true, argument: { gfn, npages: Number(npages), flags: 0, accessMap } };
}

/**
 * Reads the argument of GET or SET as the kernel does, in the kernel's order of checks: not active (`-ENODEV`),
 * unreadable header (`-EFAULT`), flags or npages (`-EINVAL`), no pages (0), no memory (`-ENOMEM`), unreadable array
 * (`-EFAULT`). Facts 3.1.
 */
export function copySubpageArgument(
  of: ArgumentRules,
  { active, memoryAvailable }: CopyConditions,
  copy: CopyFromUser,
): CopiedArgument {
  if (!active) return refuse(failure('ENODEV'));
  switch (of.argument) {
    case 'flexible array':
      return copyFlexible(of, copy, memoryAvailable);
    case 'fixed array':
      return copyFixed(of, copy);
    case 'pointer':
      return copyPointer(of, copy);
  }
}

/** The bytes that GET copies back: the same structure, now with the vectors. */
export const subpageReply = (
  of: ArgumentRules,
  argument: SubpageArgument,
  accessMap: readonly number[],
): Uint8Array => encodeSubpageArgument(of, { ...argument, accessMap });
