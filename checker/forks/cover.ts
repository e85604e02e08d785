/** A question that had more than one answer, and the number of the answer that a path gave. */
export interface Answered {
  readonly answers: number;
  readonly answer: number;
}

/** What a list of paths covers. */
export interface Covered {
  readonly paths: number;
  /** How many members the sets of all paths have together, of how many. */
  readonly members: bigint;
  readonly of: bigint;
  /** What is wrong with the list: `undefined` where the sets do not meet and are together everything. */
  readonly problem: string | undefined;
}

/**
 * Checks, path by path, that sets do not meet and are everything together. It looks at what a path asked and answered
 * and not at how it was found: two paths do not meet if the first question that they answer differently is the same
 * question; and sets that do not meet are everything if their sizes add up.
 */
export class Cover<Q extends Answered> {
  readonly #isSame: (a: Q, b: Q) => boolean;
  #last: readonly Q[] | undefined;
  #paths = 0;
  #members = 0n;
  #of = 1n;
  #problem: string | undefined;

  /** @param isSame whether two questions are the same, whatever the answers. */
  constructor(isSame: (a: Q, b: Q) => boolean) {
    this.#isSame = isSame;
  }

  /** The next path, in ascending order of answers: how many members its set has, of how many. */
  add(asked: readonly Q[], size: bigint, of: bigint): void {
    this.#paths++;
    this.#problem ??= this.#meets(asked);
    this.#last = asked;
    const [more, less] = of > this.#of ? [of / this.#of, 1n] : [1n, this.#of / of];
    this.#members = this.#members * more + size * less;
    this.#of *= more;
  }

  finish(): Covered {
    const { paths, members, of } = { paths: this.#paths, members: this.#members, of: this.#of };
    const whole = members === of ? undefined : `the sets have ${members} members of ${of}`;
    return { paths, members, of, problem: this.#problem ?? whole };
  }

  /** Why the set of a path may meet that of the one before; ascending answers keep it from meeting any other. */
  #meets(asked: readonly Q[]): string | undefined {
    const before = this.#last;
    if (before === undefined) return undefined;
    const where = `path ${this.#paths}`;
    for (const [at, question] of asked.entries()) {
      const other = before[at];
      if (other === undefined)
        return `${where} asks more than the path before, and answers nothing differently`;
      if (!this.#isSame(question, other)) return `${where} asks something else than the path before`;
      if (question.answer === other.answer) continue;
      if (question.answer > other.answer) return undefined;
      return `${where} comes before the path before it`;
    }
    return `${where} answers nothing differently from the path before`;
  }
}
