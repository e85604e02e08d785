import { beyondWidth, bitsNamed } from '../bits/index.ts';

/**
 * Reserved bits that are set, in words: which they are and, where some of them are reserved only because they lie
 * beyond the physical-address width N, what N is.
 */
export function reservedBitsInWords(set: bigint, maxPhysicalAddressWidth: number): string {
  const isBeyond = (set & beyondWidth({ hi: 51, lo: 12 }, maxPhysicalAddressWidth)) !== 0n;
  const named = bitsNamed(set);
  const verb = named.startsWith('bits') ? 'are' : 'is';
  return `reserved ${named} ${verb} set${isBeyond ? `, and N is ${maxPhysicalAddressWidth}` : ''}`;
}
