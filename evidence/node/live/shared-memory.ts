import { closeSync, openSync, readSync } from 'node:fs';
import type { PhysicalMemory } from '../../../model/memory/index.ts';

/** A machine's memory that lies in a file which it shares: what it writes is there at once. */
export class SharedMemory implements PhysicalMemory {
  readonly #file: number;
  readonly #base: bigint;
  readonly #word = Buffer.alloc(8);

  /** @param base the physical address of the file's first byte */
  constructor(path: string, base: bigint) {
    this.#file = openSync(path, 'r');
    this.#base = base;
  }

  read(address: bigint): bigint | undefined {
    if (address < this.#base) return undefined;
    const count = readSync(this.#file, this.#word, 0, 8, address - this.#base);
    return count === 8 ? this.#word.readBigUInt64LE() : undefined;
  }

  bytes(address: bigint, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#file, bytes, 0, length, address - this.#base));
  }

  close(): void {
    closeSync(this.#file);
  }
}
