import { expect, test } from 'vitest';
import { prove, type Sized, verdictsOf } from '../../checker/index.ts';
import { codeOf } from '../../cli/prove.ts';
import { Exit } from '../../cli/exit.ts';
import { tiny } from '../checker/prove/tiny.ts';

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
