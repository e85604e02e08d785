import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../dumps/index.ts';

const blockBytes = 65_536;
const maxBlocks = 256;

/** A file as a source of bytes: read in blocks when they are asked for, of which the last used stay in memory. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #descriptor: number;
  /** Least recently used first, as a Map keeps its order. */
  readonly #blocks = new Map<number, Uint8Array>();

  /** @throws the system's error where the file cannot be opened, or is a directory. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
    this.#block(0);
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const first = Math.floor(offset / blockBytes);
    const within = offset - first * blockBytes;
    if (end <= (first + 1) * blockBytes) return this.#block(first).subarray(within, within + end - offset);
    const bytes = new Uint8Array(end - offset);
    for (let at = offset; at < end;) {
      const number = Math.floor(at / blockBytes);
      const block = this.#block(number);
      if (block.length === 0) break;
      const from = at - number * blockBytes;
      const part = block.subarray(from, from + end - at);
      bytes.set(part, at - offset);
      at += part.length;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #block(number: number): Uint8Array {
    const held = this.#blocks.get(number);
    this.#blocks.delete(number);
    const block = held ?? this.#load(number);
    this.#blocks.set(number, block);
    if (this.#blocks.size > maxBlocks) {
      const [oldest] = this.#blocks.keys();
      if (oldest !== undefined) this.#blocks.delete(oldest);
    }
    return block;
  }

  #load(number: number): Uint8Array {
    const buffer = new Uint8Array(Math.min(blockBytes, this.size - number * blockBytes));
    const count = readSync(this.#descriptor, buffer, 0, buffer.length, number * blockBytes);
    return buffer.subarray(0, count);
  }
}
