import type { Member } from './c-type.ts';

/** A member anywhere in a structure, by the path that a C programmer writes: `hdr.vmx.vmxon_pa`. */
export interface Place {
  readonly path: string;
  /** From the start of the outermost structure, in bytes. */
  readonly offset: number;
  /** In bytes; 0 for a flexible array. */
  readonly size: number;
  readonly type: string;
  /** For a bit field: its bits in the integer of `size` bytes at `offset`. */
  readonly bits?: { readonly hi: number; readonly lo: number };
}

/** Every member that has no members of its own, in order, bit fields apart. A union gives every view of its bytes. */
export function placesOf(type: { readonly members?: readonly Member[] }, path = '', base = 0): Place[] {
  return (type.members ?? []).flatMap(({ name, offset, type: member }) => {
    const here = path === '' ? name : `${path}.${name}`;
    const place = { path: here, offset: base + offset, size: member.size, type: member.name };
    if (member.members !== undefined) return placesOf(member, here, base + offset);
    if (member.bits === undefined) return [place];
    return member.bits.map(({ name: bit, hi, lo }) => ({
      ...place,
      path: `${here}.${bit}`,
      bits: { hi, lo },
    }));
  });
}
