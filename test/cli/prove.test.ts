import { expect, test } from 'vitest';
import { prove, type Sized, verdictsOf } from '../../checker/index.ts';
import { codeOf } from '../../cli/prove.ts';
import { counterexample, counterexampleLines } from '../../cli/counterexample.ts';
import { Exit } from '../../cli/exit.ts';
import { tiny } from '../checker/prove/tiny.ts';
import { mutex, parity, wrappingTickets } from '../checker/prove/zoo.ts';

/** Lamps that burn once: whether one can be lit again depends on whether it can be replaced. */
const lamps = (isReplaced: boolean): Sized =>
  tiny('lamps', ['lamp'], ({ members, slot, call }) => {
    const all = members('lamp').map(of => ({ of, is: slot('is', 'new', of) }));
    return {
      deadlock: 'stutter',
      actions: all.flatMap(({ of, is }) => [
        call('burn', [of], (_, write) => {
          write(is, 'burnt');
          return 'ok';
        }),
        call('replace', [of], (_, write) => {
          if (isReplaced) write(is, 'new');
          return 'ok';
        }),
      ]),
      properties: [
        {
          kind: 'recoverable',
          name: 'every lamp can be new again',
          source: 'the zoo',
          instances: all.map(({ of, is }) => ({ about: of.name, holds: read => read(is) === 'new' })),
        },
      ],
    };
  });

test.each([
  [
    'holds in all samples, which proves nothing about larger ones: partial',
    true,
    'not proven',
    Exit.partial,
  ],
  ['is broken in a sample: unrecoverable', false, 'violated', Exit.unrecoverable],
] as const)('the exit code of a recoverable that %s', async (_, isReplaced, label, code) => {
  const verdicts = verdictsOf(await prove(lamps(isReplaced)));
  expect(verdicts.map(verdict => verdict.label)).toEqual([label]);
  expect(codeOf(verdicts)).toBe(code);
});

const told = async (sized: Sized) => {
  const proof = await prove(sized);
  return verdictsOf(proof).flatMap(verdict => {
    const found = counterexample(proof, verdict);
    return found === undefined ? [] : counterexampleLines(found);
  });
};

test('what is not proven is told in words, with the step that the candidate grew by', async () => {
  // the fourth process gets the ticket of the first: the counter wraps around at three
  expect(await told(wrappingTickets)).toEqual([
    'before: at of process 0 = critical; at of process 1 = critical',
    'the candidate allows it since, from: at of process 0 = idle; ticket of process 0 = 0; serving = 0; at of process 1 = critical',
    '  call: enter(process0=process 0)',
    '  after, new (these two stand together): at of process 0 = critical; at of process 1 = critical',
  ]);
});

test('where no step is to blame, because no few slots say enough, the case alone is told', async () => {
  expect(await told(parity)).toEqual(['before: is odd = true']);
});

test('what is proven has no counterexample', async () => {
  expect(await told(mutex)).toEqual([]);
});
