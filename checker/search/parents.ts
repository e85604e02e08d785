/** States expanded between two marks. */
const STRIDE = 256;

/**
 * Who discovered whom, without a parent for every state. The search expands states in the order in which it found
 * them, so parents only ever grow: it is enough to note, for every 256th state, how many were known before it.
 */
export class Parents {
  readonly #knownBefore: number[];

  constructor(marks: readonly number[] = []) {
    this.#knownBefore = [...marks];
  }

  get marks(): readonly number[] {
    return this.#knownBefore;
  }

  /** To be called before the new successors of state `index` are added; need not be called where it has none. */
  mark(index: number, known: number): void {
    while (this.#knownBefore.length * STRIDE <= index) this.#knownBefore.push(known);
  }

  /** The states, in order, among which is the first that has a move to `found`. */
  among(found: number): { readonly from: number; readonly to: number } {
    let low = 0;
    let high = this.#knownBefore.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#knownBefore[middle] as number) <= found) low = middle;
      else high = middle;
    }
    return { from: low * STRIDE, to: Math.min((low + 1) * STRIDE, found) };
  }
}
