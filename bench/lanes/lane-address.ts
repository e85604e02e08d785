import { lane, type Lanes } from '../../model/bits/index.ts';
import { GuestPhysicalAddress } from '../../model/ept/guest-physical-address.ts';

export const two32 = 2 ** 32;

/** A physical address from the two halves of an entry. */
export const addressIn = (low: number, high: number, mask: Lanes): number =>
  (high & mask.high) * two32 + ((low & mask.low) >>> 0);

const index1 = lane(GuestPhysicalAddress.fields.index1);
const index2 = lane(GuestPhysicalAddress.fields.index2);
const index3 = lane(GuestPhysicalAddress.fields.index3);
const index4 = lane(GuestPhysicalAddress.fields.index4);
const index5 = lane(GuestPhysicalAddress.fields.index5);

/** The index of a guest-physical address, in halves, at a level. */
export function indexAt(level: number, low: number, high: number): number {
  switch (level) {
    case 1:
      return index1(low, high);
    case 2:
      return index2(low, high);
    case 3:
      return index3(low, high);
    case 4:
      return index4(low, high);
    default:
      return index5(low, high);
  }
}
