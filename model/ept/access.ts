import { isGuestPhysicalAddress, pageBytes, subPageBytes } from './guest-physical-address.ts';

export const accessKinds = [
  'read',
  'write',
  'rmw',
  'execute',
  'shadow_stack_read',
  'shadow_stack_write',
] as const;
export type AccessKind = (typeof accessKinds)[number];

/** One access with a guest-physical address, as the guest's own translation hands it to the EPT walk. */
export interface Access {
  readonly kind: AccessKind;
  readonly gpa: bigint;
  /** The guest-linear address, where `linearValid`. */
  readonly gla: bigint;
  /**
   * Bytes accessed from `gpa` on. Only those in the 4-KByte page of `gpa` count here: what lies beyond a page
   * boundary has a guest-physical address of its own and is an access of its own.
   */
  readonly size: number;
  /** There is a linear address: all but the loads of PDPTEs by MOV to CR, and accesses made for a trace. */
  readonly linearValid: boolean;
  /** An access to a guest paging-structure entry. A `write` or `rmw` here updates its accessed or dirty flag. */
  readonly pageWalk: boolean;
  /** The linear address is a user-mode one: decided by its translation, not by CPL. */
  readonly userMode: boolean;
  /** The guest's own translation permits writes; forbids execution. */
  readonly guestWritable: boolean;
  readonly guestNx: boolean;
  /** A shadow-stack access to a supervisor-mode linear address. */
  readonly supervisorShadowStack: boolean;
}

/** An access by an ordinary instruction to a supervisor-mode linear address, one byte unless said otherwise. */
export const guestAccess = (
  kind: AccessKind,
  gpa: bigint,
  more: Partial<Omit<Access, 'kind' | 'gpa'>> = {},
): Access => ({
  kind,
  gpa,
  gla: 0n,
  size: 1,
  linearValid: true,
  pageWalk: false,
  userMode: false,
  guestWritable: true,
  guestNx: false,
  supervisorShadowStack: false,
  ...more,
});

/** @throws RangeError for an access that no guest can make. */
export function checkAccess({ gpa, size }: Access): void {
  if (!isGuestPhysicalAddress(gpa)) {
    throw new RangeError(`a guest-physical address has at most 52 bits, not 0x${gpa.toString(16)}`);
  }
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`an access has 1 or more bytes, not ${size}`);
}

/** The numbers of the 128-byte sub-pages that an access touches in the 4-KByte page of its first byte. */
export function touchedSubPages({ gpa, size }: Pick<Access, 'gpa' | 'size'>): readonly number[] {
  const offset = gpa % pageBytes;
  const end = offset + BigInt(size);
  const last = (end < pageBytes ? end : pageBytes) - 1n;
  const [from, to] = [Number(offset / subPageBytes), Number(last / subPageBytes)];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
