import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answered, Cover, type Fork, pathsOf } from '../../../checker/forks/index.ts';

describe('the paths of a run', () => {
  test('a run that asks nothing has one', () => {
    expect([...pathsOf(() => 'done')]).toEqual([{ result: 'done', choices: [] }]);
  });

  test('come depth first, the first answers first', () => {
    const run = (fork: Fork): string => {
      const first = fork(3);
      return first === 1 ? `${first}${fork(2)}` : `${first}`;
    };
    expect([...pathsOf(run)].map(({ result }) => result)).toEqual(['0', '10', '11', '2']);
  });

  test('are each found once, as many as the answers make', () => {
    // 2 * 3 * 4 where the first answer is 0, and 1 where it is 1
    const run = (fork: Fork): void => {
      if (fork(2) === 0) for (const answers of [3, 4]) fork(answers);
    };
    const paths = [...pathsOf(run)].map(({ choices }) => choices.join(' '));
    expect(paths).toHaveLength(13);
    expect(new Set(paths).size).toBe(13);
  });

  test('a run that depends on more than the answers is refused', () => {
    let runs = 0;
    expect(() => [...pathsOf(fork => fork(++runs))]).not.toThrow();
    runs = 0;
    const restless = (fork: Fork): void => {
      runs++;
      fork(2);
      if (runs === 1) fork(2);
    };
    expect(() => [...pathsOf(restless)]).toThrow('a run that got the same answers asked less');
    runs = 1;
    expect(() => [...pathsOf(fork => fork(2) + fork(++runs))]).toThrow('asked something else');
  });
});

interface Asked extends Answered {
  readonly what: string;
}

/** What the paths of a tree of questions ask, and how large their sets are, of 2^8. */
function askedBy(run: (ask: (what: string, answers: number) => number) => void): [Asked[], bigint][] {
  return [
    ...pathsOf(fork => {
      const asked: Asked[] = [];
      run((what, answers) => {
        const answer = fork(answers);
        asked.push({ what, answers, answer });
        return answer;
      });
      return asked;
    }),
  ].map(({ result }) => [result, result.reduce((size, { answers }) => size / BigInt(answers), 256n)]);
}

const tree = askedBy(ask => {
  if (ask('a', 2) === 0) ask('b', 4);
  else if (ask('c', 2) === 1) ask('d', 2);
});

function coverOf(paths: readonly (readonly [readonly Asked[], bigint])[]) {
  const cover = new Cover<Asked>((one, other) => one.what === other.what && one.answers === other.answers);
  for (const [asked, size] of paths) cover.add(asked, size, 256n);
  return cover.finish();
}

describe('a cover', () => {
  test('of all paths is everything', () => {
    expect(coverOf(tree)).toEqual({ paths: 7, members: 256n, of: 256n, problem: undefined });
  });

  test.each(tree.map((_, at) => at))('notices that path %i is lost', lost => {
    expect(coverOf(tree.filter((_, at) => at !== lost)).problem).toBeDefined();
  });

  test.each(tree.map((_, at) => at))('notices that path %i is counted twice', twice => {
    const paths = tree.flatMap((path, at) => (at === twice ? [path, path] : [path]));
    expect(coverOf(paths).problem).toMatch(/answers nothing differently/);
  });

  test('notices a path that is replaced by one of the same size', () => {
    const [first, , ...rest] = tree;
    if (first === undefined) throw new Error('the tree has paths');
    expect(coverOf([first, first, ...rest]).problem).toMatch(/answers nothing differently/);
  });

  test('notices paths that ask different questions after the same answers', () => {
    const strange: [Asked[], bigint][] = [
      [[{ what: 'a', answers: 2, answer: 0 }], 128n],
      [[{ what: 'z', answers: 2, answer: 1 }], 128n],
    ];
    expect(coverOf(strange).problem).toBe('path 2 asks something else than the path before');
  });

  test('notices paths in another order, which might meet', () => {
    expect(coverOf(tree.toReversed()).problem).toMatch(/comes before/);
  });

  test('counts paths that know different numbers of words in common members', () => {
    const cover = new Cover<Asked>((one, other) => one.what === other.what);
    cover.add([{ what: 'a', answers: 2, answer: 0 }], 2n ** 63n, 2n ** 64n);
    cover.add([{ what: 'a', answers: 2, answer: 1 }], 2n ** 127n, 2n ** 128n);
    expect(cover.finish()).toEqual({ paths: 2, members: 2n ** 128n, of: 2n ** 128n, problem: undefined });
  });
});

test('random runs of questions are covered, and not without any one of their paths', () => {
  /** Each step asks a question; its answer is how many of the following steps are left out. */
  const steps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, fc.nat(), (counts, pick) => {
      const run = (fork: Fork): bigint => {
        let size = 6n ** 6n;
        for (let at = 0; at < counts.length; at++) {
          const answers = counts[at] ?? 1;
          at += fork(answers);
          size /= BigInt(answers);
        }
        return size;
      };
      const sizes = [...pathsOf(run)].map(({ result }) => result);
      const sum = sizes.reduce((total, size) => total + size, 0n);
      expect(sum).toBe(6n ** 6n);
      expect(sum - (sizes[pick % sizes.length] ?? 0n)).not.toBe(6n ** 6n);
    }),
    { numRuns: 200 },
  );
});
