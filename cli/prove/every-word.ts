import { setImmediate } from 'node:timers/promises';
import { addressHex, wordHex } from '../../model/bits/index.ts';
import type { Broken, Held } from '../../systems/spp-walk/every-word/hold.ts';
import { defaultSettings, proveEveryWord } from '../../systems/spp-walk/every-word/prove.ts';
import { Exit, type ExitCode } from '../exit.ts';
import { interruption } from '../interruption.ts';

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

/** Proves the sentences of the walk for every content of every word, setting by setting, and prints what it found. */
export async function proveWords(isJson: boolean): Promise<ExitCode> {
  const signal = interruption();
  const started = performance.now();
  const rows: Row[] = [];
  let before = started;
  for (const held of proveEveryWord()) {
    const now = performance.now();
    const row = { held, seconds: (now - before) / 1000 };
    before = now;
    rows.push(row);
    if (!isJson) for (const line of rowText(row)) console.log(line);
    await setImmediate(); // an interruption is heard between two settings
    if (signal.aborted) break;
  }
  const seconds = (performance.now() - started) / 1000;
  const paths = rows.reduce((sum, { held }) => sum + held.covered.paths, 0);
  const isPartial = rows.length < defaultSettings().length;
  const isProven = rows.every(({ held }) => isWhole(held));
  const label = isPartial ? 'partial' : isProven ? 'every word' : 'broken';
  if (!isJson) {
    console.log(`${label}: ${rows.length} settings, ${paths} paths, ${seconds.toFixed(1)} s`);
  } else {
    const settings = rows.map(({ held, seconds: took }) => ({
      setting: held.setting,
      paths: held.covered.paths,
      words: held.words,
      seconds: Number(took.toFixed(3)),
      ...(held.covered.problem === undefined ? {} : { problem: held.covered.problem }),
      broken: held.broken.map(brokenJson),
    }));
    console.log(
      JSON.stringify(
        { system: 'spp-walk', label, settings, paths, seconds: Number(seconds.toFixed(3)) },
        undefined,
        2,
      ),
    );
  }
  if (!isProven) return Exit.violated;
  return isPartial ? Exit.partial : Exit.ok;
}
