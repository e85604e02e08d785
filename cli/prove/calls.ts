import { wordHex } from '../../model/bits/index.ts';
import { errnoName } from '../../model/pkvm/index.ts';
import { callSentences, type HeldCall, proveCalls } from '../../systems/ownership/every-word/hold.ts';
import { codeOf, type LabelledSentence, sentenceLines, whyPartial } from './code.ts';
import type { ProveOptions, Proven } from './proven.ts';

function callLines({ name, covered, words, results, broken }: HeldCall): readonly string[] {
  const ends = [...results].map(
    ([result, paths]) => `${paths} ${result === 0 ? 'go through' : errnoName(result)}`,
  );
  return [
    `${String(covered.paths).padStart(7)} paths  ${covered.problem ?? `all 2^${64 * words}`}  ${name}: ${ends.join(', ')}`,
    ...broken.map(({ what, why }) => `  broken: ${what}: ${why}`),
  ];
}

function labelled(name: (typeof callSentences)[number], held: readonly HeldCall[]): LabelledSentence {
  const named = { name, kind: 'step' as const };
  const found = held.find(({ broken }) => broken.some(({ what }) => what === name));
  const broken = found?.broken.find(({ what }) => what === name);
  if (broken !== undefined) return { ...named, label: 'violated', why: `${found?.name}: ${broken.why}` };
  const problem = held.find(({ covered }) => covered.problem !== undefined);
  if (problem === undefined) return { ...named, label: 'every word' };
  return { ...named, label: 'not proven', why: `${problem.name}: ${problem.covered.problem}` };
}

/** Proves what is said of the eight calls for every content of the leaves that they look at. */
export function proveCallsOnWords({ sentence }: ProveOptions): Proven {
  const started = performance.now();
  const since = (from: number): number => Number(((performance.now() - from) / 1000).toFixed(3));
  const timed: { readonly call: HeldCall; readonly took: number }[] = [];
  let before = started;
  for (const call of proveCalls()) {
    timed.push({ call, took: since(before) });
    before = performance.now();
  }
  const held = timed.map(({ call }) => call);
  const seconds = since(started);
  const sentences = callSentences
    .map(name => labelled(name, held))
    .filter(({ name }) => sentence === undefined || name === sentence);
  const paths = held.reduce((sum, { covered }) => sum + covered.paths, 0);
  const isWhole = held.every(({ covered, broken }) => covered.problem === undefined && broken.length === 0);
  const label = isWhole ? 'every word' : 'broken';
  const code = codeOf(sentences);
  return {
    lines: [
      ...held.flatMap(callLines),
      `ownership, ${label}: ${held.length} calls, ${paths} paths, ${seconds} s`,
      ...sentences.flatMap(sentenceLines),
      ...whyPartial(sentences),
    ],
    json: {
      system: 'ownership',
      by: 'forks',
      label,
      settings: timed.map(({ call: { name, covered, words, broken }, took }) => ({
        setting: name,
        paths: covered.paths,
        words,
        seconds: took,
        ...(covered.problem === undefined ? {} : { problem: covered.problem }),
        broken: broken.map(({ what, why, words: leaves }) => ({
          what,
          why,
          memory: {},
          fields: Object.fromEntries(Object.entries(leaves).map(([leaf, word]) => [leaf, wordHex(word)])),
        })),
      })),
      paths,
      seconds,
      sentences,
      exit: code,
    },
    code,
  };
}
