import { explore, prove, verdictsOf } from '../checker/index.ts';
import { hypercallSmp } from '../systems/hypercall-smp/index.ts';
import { isolation } from '../systems/isolation/index.ts';
import { ownership } from '../systems/ownership/index.ts';
import { profileOf } from '../systems/index.ts';
import type { Mutant, SystemFamily } from '../systems/index.ts';

/**
 * No fault that exploration shows is proven away: every fault of every system with sorts is explored in its profile and
 * proven with that profile's options. A sentence that exploration sees broken must not be called `every size`. Exits 1
 * where one is. Arguments: a system, then names of faults; all where none is given.
 */
const MAX_STATES = 20_000;

interface Row {
  readonly text: string;
  readonly isRight: boolean;
}

/** The sentences that exploration sees broken, by name; the twin by its own. */
async function brokenBy(family: SystemFamily, mutant: Mutant): Promise<ReadonlySet<string>> {
  const { parameters } = profileOf(family, mutant);
  const system = family.build(parameters, mutant.name);
  const found = await explore(system, { maxStates: MAX_STATES });
  return new Set([
    ...found.properties.flatMap(({ property, verdict }) => (verdict === 'violated' ? [property.name] : [])),
    ...(found.twin?.disagreement === undefined ? [] : [`the protocol: ${system.twin?.name ?? ''}`]),
  ]);
}

async function tried(family: SystemFamily, mutant: Mutant): Promise<Row> {
  const { name: profile, parameters } = profileOf(family, mutant);
  const what = `${family.name}/${profile} with ${mutant.name}`;
  const sized = family.sized?.(parameters, mutant.name);
  if (sized === undefined) return { text: `${what}: of one size`, isRight: true };
  const from = process.cpuUsage();
  const verdicts = verdictsOf(await prove(sized));
  const { user, system } = process.cpuUsage(from);
  const broken = await brokenBy(family, mutant);
  const wrong = verdicts.filter(({ name, label }) => label === 'every size' && broken.has(name));
  const asked = verdicts.filter(({ kind }) => kind !== 'sometimes');
  const proven = asked.filter(({ label }) => label === 'every size');
  return {
    text: `${what}: ${broken.size} seen broken, ${proven.length} of ${asked.length} proven, ${((user + system) / 1e6).toFixed(1)} CPU s${wrong.map(({ name }) => `\n  WRONG: ${name}`).join('')}`,
    isRight: wrong.length === 0,
  };
}

const [only, ...names] = process.argv.slice(2);
let wrong = 0;
let count = 0;
for (const family of [ownership, isolation, hypercallSmp]) {
  if (only !== undefined && only !== family.name) continue;
  for (const mutant of family.mutants) {
    if (names.length > 0 && !names.includes(mutant.name)) continue;
    const { text, isRight } = await tried(family, mutant);
    console.log(text);
    count++;
    if (!isRight) wrong++;
  }
}
console.log(`${count} faults, ${wrong} wrongly proven`);
process.exitCode = wrong === 0 ? 0 : 1;
