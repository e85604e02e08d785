import type { AddressRange } from './dump.ts';

const pageBytes = 4096;

interface Page {
  readonly view: DataView;
  /** 1 for every byte that was given. */
  readonly known: Uint8Array;
  /** The same, four bytes at a time. */
  readonly knownQuads: Uint32Array;
}

const allFour = 0x0101_0101;

function emptyPage(): Page {
  const known = new Uint8Array(pageBytes);
  return {
    view: new DataView(new ArrayBuffer(pageBytes)),
    known,
    knownQuads: new Uint32Array(known.buffer),
  };
}

/** A pattern that a dump squeezed into one `*`: the same line again from `start` up to `end`. */
interface Repeat {
  readonly start: number;
  readonly end: number;
  readonly line: Uint8Array;
}

/**
 * Bytes at physical addresses below 2^52, a page at a time as they are given. Repeated lines stay one line, so that
 * a dump of gigabytes of zeros costs what its text costs.
 */
export class SparseBytes {
  static readonly maxPages = 65_536;
  readonly #pages = new Map<number, Page>();
  readonly #repeats: Repeat[] = [];

  /** Whether as many pages are held as are allowed. */
  get isFull(): boolean {
    return this.#pages.size >= SparseBytes.maxPages;
  }

  /** The byte at `address` becomes `value`. Returns whether another value was already given for it. */
  set(address: number, value: number): boolean {
    const number = Math.floor(address / pageBytes);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = emptyPage();
      this.#pages.set(number, page);
    }
    const at = address % pageBytes;
    const contradicts = page.known[at] === 1 && page.view.getUint8(at) !== value;
    page.view.setUint8(at, value);
    page.known[at] = 1;
    return contradicts;
  }

  /** The bytes from `start` up to `end` were not given after all. */
  forget(start: number, end: number): void {
    for (let address = start; address < end; address++) {
      const page = this.#pages.get(Math.floor(address / pageBytes));
      if (page !== undefined) page.known[address % pageBytes] = 0;
    }
  }

  /** `line` is repeated from `start` up to `end`. */
  repeat(repeat: Repeat): void {
    this.#repeats.push(repeat);
  }

  /** The little-endian word at a multiple of 8; `undefined` unless all eight bytes were given. */
  read(address: number): bigint | undefined {
    const page = this.#pages.get(Math.floor(address / pageBytes));
    if (page === undefined && this.#repeats.length === 0) return undefined;
    const at = address % pageBytes;
    if (
      page !== undefined &&
      page.knownQuads[at / 4] === allFour &&
      page.knownQuads[at / 4 + 1] === allFour
    )
      return page.view.getBigUint64(at, true);
    const bytes = Array.from({ length: 8 }, (_, i) => this.#byte(address + i));
    if (bytes.some(byte => byte === undefined)) return undefined;
    return new DataView(Uint8Array.from(bytes as number[]).buffer).getBigUint64(0, true);
  }

  #byte(address: number): number | undefined {
    const page = this.#pages.get(Math.floor(address / pageBytes));
    const at = address % pageBytes;
    if (page?.known[at] === 1) return page.view.getUint8(at);
    const repeat = this.#repeats.find(({ start, end }) => address >= start && address < end);
    return repeat?.line[(address - repeat.start) % repeat.line.length];
  }

  /** What is held, merged and in order. */
  ranges(): readonly AddressRange[] {
    const spans: [number, number][] = this.#repeats.map(({ start, end }) => [start, end]);
    for (const [number, { known }] of this.#pages) {
      for (let at = known.indexOf(1); at !== -1;) {
        const gap = known.indexOf(0, at);
        const end = gap === -1 ? pageBytes : gap;
        spans.push([number * pageBytes + at, number * pageBytes + end]);
        at = gap === -1 ? -1 : known.indexOf(1, end);
      }
    }
    return merge(spans);
  }
}

function merge(spans: [number, number][]): readonly AddressRange[] {
  const merged: [number, number][] = [];
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged.map(([start, end]) => ({ start: BigInt(start), end: BigInt(end) }));
}
