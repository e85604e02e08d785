/** Numbers that look random and are the same for the same seed: a linear congruential generator of 32 bits. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed % 2 ** 32;
  }

  /** 0 or more, below `end`. */
  below(end: number): number {
    // the multiplier and the increment of Numerical Recipes; the low bits repeat soonest and are not used
    this.#state = Number((BigInt(this.#state) * 1_664_525n + 1_013_904_223n) % 2n ** 32n);
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  one<T>(of: readonly [T, ...T[]]): T {
    return of[this.below(of.length)] ?? of[0];
  }
}
