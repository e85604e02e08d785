/** Asks for one of `answers` numbers, 0 first: every one of them is tried, each in a run of its own. */
export type Fork = (answers: number) => number;

export interface Path<R> {
  readonly result: R;
  /** The answer to each fork that the run met, in order. */
  readonly choices: readonly number[];
}

/**
 * Every path of a run that asks `fork`, depth first, the first answers first. The run must depend on the answers
 * and on nothing else.
 *
 * ```ts
 * [...pathsOf(fork => [fork(2), fork(3)])].length; // 6
 * ```
 *
 * @throws Error where a run that got the same answers asks something else.
 */
export function* pathsOf<R>(run: (fork: Fork) => R): Generator<Path<R>, void, undefined> {
  const choices: number[] = [];
  const counts: number[] = [];
  for (;;) {
    let at = 0;
    const result = run(answers => {
      if (at === choices.length) {
        if (answers < 1) throw new RangeError(`a fork has 1 or more answers, not ${answers}`);
        choices.push(0);
        counts.push(answers);
      }
      const choice = choices[at];
      if (choice === undefined || counts[at] !== answers)
        throw new Error('a run that got the same answers asked something else');
      at++;
      return choice;
    });
    if (at !== choices.length) throw new Error('a run that got the same answers asked less');
    yield { result, choices: choices.slice() };
    let last = choices.pop();
    while (last !== undefined && last === (counts.at(-1) ?? 0) - 1) {
      counts.pop();
      last = choices.pop();
    }
    if (last === undefined) return;
    choices.push(last + 1);
  }
}
