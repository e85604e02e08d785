import { expect, test } from 'vitest';
import { prove, type Sized, verdictsOf } from '../../checker/index.ts';
import { codeOf } from '../../cli/prove/code.ts';
import { counterexample, counterexampleLines } from '../../cli/prove/counterexample.ts';
import { Exit } from '../../cli/exit.ts';
import { proofSchema } from '../../cli/prove/proof-schema.ts';
import { exploreProfiles } from '../../cli/prove/finite.ts';
import { loadSystem } from '../../systems/registry.ts';
import { pagewarden } from './graph/capture.ts';
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
  ['calls lead to from everywhere: proven', true, 'every size', Exit.ok],
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

test('an interrupted proof calls nothing proven', async () => {
  const controller = new AbortController();
  controller.abort();
  const verdicts = verdictsOf(await prove(mutex, { signal: controller.signal }));
  expect(verdicts.map(({ label }) => label)).toEqual(['partial']);
  expect(codeOf(verdicts)).toBe(Exit.partial);
});

test('what a system without numbers of members shows is of its profiles, and of no more', async () => {
  const family = await loadSystem('vp-assist-page');
  if (family === undefined) throw new Error('there is such a system');
  const { json, code } = await exploreProfiles(family, {}, new AbortController().signal);
  expect(new Set(json.sentences.map(({ label }) => label))).toEqual(new Set(['this profile', 'reached']));
  expect(code).toBe(Exit.partial);
  const broken = await exploreProfiles(family, { mutant: 'v1' }, new AbortController().signal);
  expect(broken.code).toBe(Exit.violated);
});

test('several systems are one document, which is what the schema says', async () => {
  const { out, code } = await pagewarden('prove', 'ownership', 'vp-assist-page', '--json');
  const document = proofSchema.parse(JSON.parse(out));
  expect('runs' in document && document.runs.map(({ system, by }) => [system, by])).toEqual([
    ['ownership', 'local induction'],
    ['vp-assist-page', 'exploration'],
  ]);
  expect(code).toBe(Exit.partial);
});

test('one sentence that is proven is 0, and a sentence that is not there is a usage error', async () => {
  const { out, code } = await pagewarden('prove', 'ownership', '--sentence', 'I1', '--instance', 'pages=5');
  expect(code).toBe(Exit.ok);
  expect(out).toContain('in an instance of 5 pages, 4 gpas');
  expect(await pagewarden('prove', 'ownership', '--sentence', 'I99')).toMatchObject({
    code: Exit.usage,
    error: expect.stringContaining('no sentence I99'),
  });
  expect(await pagewarden('prove', 'ownership', '--instance', 'frames=3')).toMatchObject({
    code: Exit.usage,
    error: expect.stringContaining('has the sorts pages, gpas'),
  });
});
