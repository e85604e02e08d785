/** States expanded between two marks. */
const STRIDE = 256;

/**
 * Who discovered whom, without a parent for every state. The search expands states in the order in which it found
 * them, so parents only ever grow: it is enough to note, for every 256th state expanded, how many were known then.
 */
export class Discovery {
  readonly #knownBefore: number[] = [];

  /** To be called before state `index` is expanded. */
  mark(index: number, known: number): void {
    if (index % STRIDE === 0) this.#knownBefore[index / STRIDE] = known;
  }

  /** The states among which is the first that has a move to `found`, in order. */
  candidates(found: number): { readonly from: number; readonly to: number } {
    let low = 0;
    let high = this.#knownBefore.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#knownBefore[middle] as number) <= found) low = middle;
      else high = middle;
    }
    return { from: low * STRIDE, to: Math.min((low + 1) * STRIDE, found) };
  }

  /** The next state at which a mark is due. */
  static next(index: number): number {
    return (Math.floor(index / STRIDE) + 1) * STRIDE;
  }
}
