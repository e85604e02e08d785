import { setImmediate } from 'node:timers/promises';
import { addressHex, wordHex } from '../../model/bits/index.ts';
import { pathSentences } from '../../properties/walk/index.ts';
import type { Broken, Held } from '../../systems/spp-walk/every-word/hold.ts';
import { defaultSettings, proveEveryWord } from '../../systems/spp-walk/every-word/prove.ts';
import { codeOf, type LabelledSentence, sentenceLines, whyPartial } from './code.ts';
import { proofProgress } from './progress.ts';
import type { ProveOptions, Proven } from './proven.ts';

interface Row {
  readonly held: Held;
  readonly seconds: number;
}

const isWhole = ({ covered, broken }: Held): boolean =>
  covered.problem === undefined && broken.length === 0;

const brokenJson = ({ what, why, member }: Broken) => ({
  what,
  why,
  memory: Object.fromEntries([...member.memory.words].map(([at, word]) => [addressHex(at), wordHex(word)])),
  fields: Object.fromEntries(Object.entries(member.named).map(([name, word]) => [name, wordHex(word)])),
});

function rowText({ held, seconds }: Row): readonly string[] {
  const { setting, covered, words, broken } = held;
  const said = covered.problem ?? `all 2^${64 * words}`;
  return [
    `${String(covered.paths).padStart(7)} paths  ${seconds.toFixed(2).padStart(5)} s  ${said.padEnd(9)}  ${setting}`,
    ...broken.map(({ what, why }) => `  broken: ${what}: ${why}`),
  ];
}

/** What else is held on every path, beside the sentences. */
const beside = [
  { name: 'the walk itself', kind: 'always' },
  { name: 'ept-walk and spp-walk', kind: 'twin' },
] as const;

/** Each sentence of the walk: of every word, where every setting was gone through and none breaks it. */
function sentencesOf(rows: readonly Row[], isPartial: boolean): LabelledSentence[] {
  const uncovered = rows.find(({ held }) => held.covered.problem !== undefined)?.held;
  const ofPaths = pathSentences.map(({ name, origin: { id } }) => ({
    name,
    kind: 'always' as const,
    ...(id === undefined ? {} : { id }),
  }));
  return [...ofPaths, ...beside].map((named): LabelledSentence => {
    const found = rows.flatMap(({ held }) => held.broken).find(({ what }) => what === named.name);
    if (found !== undefined) return { ...named, label: 'violated', why: `${found.setting}: ${found.why}` };
    if (isPartial) return { ...named, label: 'partial', why: `after ${rows.length} settings` };
    if (uncovered === undefined) return { ...named, label: 'every word' };
    const why = `${uncovered.setting}: ${uncovered.covered.problem}`;
    return { ...named, label: 'not proven', why };
  });
}

/** Proves the sentences of the walk for every content of every word, setting by setting. */
export async function proveWords({ sentence }: ProveOptions, signal: AbortSignal): Promise<Proven> {
  const progress = proofProgress('spp-walk');
  const started = performance.now();
  const rows: Row[] = [];
  let before = started;
  for (const held of proveEveryWord()) {
    const now = performance.now();
    rows.push({ held, seconds: (now - before) / 1000 });
    before = now;
    progress.show(`${rows.length} of ${defaultSettings().length} settings, ${held.setting}`);
    await setImmediate(); // an interruption is heard between two settings
    if (signal.aborted) break;
  }
  progress.clear();
  const seconds = (performance.now() - started) / 1000;
  const paths = rows.reduce((sum, { held }) => sum + held.covered.paths, 0);
  const isPartial = rows.length < defaultSettings().length;
  const isProven = rows.every(({ held }) => isWhole(held));
  const label = isPartial ? 'partial' : isProven ? 'every word' : 'broken';
  const sentences = sentencesOf(rows, isPartial).filter(
    ({ name, id }) => sentence === undefined || name === sentence || id === sentence,
  );
  const code = codeOf(sentences);
  return {
    lines: [
      ...rows.flatMap(rowText),
      `spp-walk, ${label}: ${rows.length} settings, ${paths} paths, ${seconds.toFixed(1)} s`,
      ...sentences.flatMap(sentenceLines),
      ...whyPartial(sentences),
    ],
    json: {
      system: 'spp-walk',
      by: 'forks',
      label,
      settings: rows.map(({ held, seconds: took }) => ({
        setting: held.setting,
        paths: held.covered.paths,
        words: held.words,
        seconds: Number(took.toFixed(3)),
        ...(held.covered.problem === undefined ? {} : { problem: held.covered.problem }),
        broken: held.broken.map(brokenJson),
      })),
      paths,
      seconds: Number(seconds.toFixed(3)),
      sentences,
      exit: code,
    },
    code,
  };
}
