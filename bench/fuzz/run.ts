import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../../test/arbitraries/pkvm-implementation.ts';
import { damaged, type Random } from './damage.ts';
import { greener } from './logs.ts';
import { type Target, targetsOf } from './readers.ts';

/**
 * Damaged inputs, as many as time allows: no reader throws, none takes more than a second, memory stays bounded, and no
 * verdict is greener than that of the undamaged log. What breaks a promise is written to a file beside its seed.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string' }, runs: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds ?? (values.runs === undefined ? 60 : Infinity));
const runs = Number(values.runs ?? Infinity);
const first = Number(values.seed ?? Date.now() % 1_000_000_000);
const maxMemoryBytes = 1024 ** 3;

interface Broken {
  readonly promise: string;
  readonly input: string;
}

/** Gives a target one damaged sample. */
function tried({ name, samples, read }: Target, random: Random): Broken | undefined {
  const input = damaged(samples[Math.floor(random() * samples.length)] ?? '', random);
  const start = performance.now();
  try {
    read(input);
  } catch (error) {
    return {
      promise: `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      input,
    };
  }
  const taken = performance.now() - start;
  if (taken > 1000)
    return { promise: `${name}: ${Math.round(taken)} ms for ${input.length} characters`, input };
  if (process.memoryUsage.rss() > maxMemoryBytes)
    return { promise: `${name}: more than 1 GByte of memory`, input };
  return undefined;
}

function verdictKept(random: Random): Broken | undefined {
  const found = greener(random);
  return found && { promise: `a verdict on a damaged log: ${found.why}`, input: found.input };
}

const targets = targetsOf(join(import.meta.dirname, '../../../test/golden'));
const counts = new Map<string, number>();
let broken = 0;
const end = performance.now() + seconds * 1000;
console.log(`seed ${first}`);
for (let at = 0; at < runs && performance.now() < end; at++) {
  const seed = first + at;
  const random = randomFrom(seed);
  const target = targets[seed % (targets.length + 1)];
  const name = target?.name ?? 'verdicts on damaged logs';
  counts.set(name, (counts.get(name) ?? 0) + 1);
  const found = target === undefined ? verdictKept(random) : tried(target, random);
  if (found === undefined) continue;
  const file = `fuzz-${seed}.txt`;
  writeFileSync(file, found.input, 'latin1');
  console.log(`seed ${seed} broke a promise: ${found.promise}\n  the input is in ${file}`);
  if (++broken >= 10) break;
}
for (const [name, count] of counts) console.log(`${String(count).padStart(9)}  ${name}`);
console.log(broken === 0 ? 'no promise was broken' : `${broken} promises were broken`);
process.exitCode = broken === 0 ? 0 : 1;
