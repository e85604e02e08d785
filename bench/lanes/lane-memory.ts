import { wordOf } from '../../model/bits/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';

/** Physical memory from address 0 on as pairs of 32-bit halves, the low one first. Beyond its end it is unknown. */
export interface LaneMemory {
  readonly halves: Uint32Array;
}

/** Memory of so many bytes, a multiple of 8, all zero. At most 8 GByte: typed arrays are indexed by 31 bits here. */
export function laneMemory(bytes: number): LaneMemory {
  if (!Number.isInteger(bytes / 8) || bytes < 0 || bytes > 2 ** 33) {
    throw new RangeError(`${bytes} is not a size in bytes of at most 8 GByte, a multiple of 8`);
  }
  return { halves: new Uint32Array(bytes / 4) };
}

/** Writes one word. @throws RangeError for an address that the memory does not have. */
export function writeWord({ halves }: LaneMemory, address: bigint, word: bigint): void {
  const at = Number(address) / 4;
  if (!Number.isInteger(at / 2) || at < 0 || at >= halves.length) {
    throw new RangeError(`there is no word at 0x${address.toString(16)}`);
  }
  halves[at] = Number(BigInt.asUintN(32, word));
  halves[at + 1] = Number(BigInt.asUintN(32, word / 2n ** 32n));
}

/** The same memory for the readable walk. */
export const asPhysicalMemory = ({ halves }: LaneMemory): PhysicalMemory => ({
  read(address) {
    const at = Number(address) / 4;
    const [low, high] = [halves[at], halves[at + 1]];
    return low === undefined || high === undefined ? undefined : wordOf(low, high);
  },
});
