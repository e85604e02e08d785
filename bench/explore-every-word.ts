import { faults, readings } from '../model/ept/index.ts';
import { compare } from '../systems/spp-walk/every-word/apart.ts';
import { holdSetting } from '../systems/spp-walk/every-word/hold.ts';
import { PathIndex, strayOf } from '../systems/spp-walk/every-word/path-index.ts';
import { everySetting, settingsInTurn } from '../systems/spp-walk/every-word/prove.ts';
import { randomMemory } from '../systems/spp-walk/every-word/random-memory.ts';
import { settingsOf } from '../systems/spp-walk/every-word/settings.ts';

/**
 * What `prove spp-walk` holds, in the full product: every access, all 16 choices of controls, accessed and dirty flags
 * and shadow stacks on and off, 4 and 5 levels, every width from 36 to 52. Each path counted: widths below 52 must have
 * as many as one another, and 52, at which no address bit is reserved, fewer. Then every fault over all words, and 10^5 random memories. Hours; a part of it: `-- product 46`,
 * `-- faults`, `-- random`. Exits 1 where anything differs.
 */
const [only, width] = process.argv.slice(2);

/** Paths of the first width that was gone through. */
let first: number | undefined;

const problems: string[] = [];
const isAsked = (what: string): boolean => only === undefined || only === what;

function product(bits: number): void {
  const started = performance.now();
  let [paths, settings] = [0, 0];
  for (const setting of everySetting(bits)) {
    const { covered, broken } = holdSetting(setting);
    if (covered.problem !== undefined) problems.push(`${setting.name}: ${covered.problem}`);
    for (const { what, why } of broken) problems.push(`${setting.name}: ${what}: ${why}`);
    paths += covered.paths;
    settings++;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`N = ${bits}: ${settings} settings, ${paths} paths, ${seconds} s`);
  first ??= paths;
  const isRight = bits === 52 ? first === paths || paths < first : paths === first;
  if (!isRight) problems.push(`N = ${bits}: ${paths} paths, and ${first} at the first width`);
}

if (isAsked('product'))
  for (let bits = 36; bits <= 52; bits++) if (width === undefined || Number(width) === bits) product(bits);

if (isAsked('faults')) {
  let [apart, equal] = [0, 0];
  for (const found of compare([...readings, ...faults], settingsInTurn())) {
    if (found === undefined) continue;
    if (found.difference === undefined) equal++;
    else apart++;
  }
  console.log(`${apart} faults and readings told apart, ${equal} equal over all words`);
  if (apart !== readings.length + faults.length) problems.push(`${equal} faults are equal over all words`);
}

if (isAsked('random'))
  for (const setting of settingsOf({ controls: ['spp'] }, ['write'])) {
    const index = new PathIndex(setting);
    let count = 0;
    for (; count < 100_000; count++) {
      const stray = strayOf(index, setting, randomMemory(count));
      if (stray !== undefined) problems.push(`seed ${count}: ${stray}`);
    }
    console.log(`${count} random memories are each on one of ${index.size} paths`);
  }

for (const problem of problems.slice(0, 100)) console.log(`  ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
