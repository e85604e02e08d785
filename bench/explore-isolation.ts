import { explore } from '../checker/index.ts';
import { hypercallSmp } from '../systems/hypercall-smp/index.ts';
import { redundantMutants } from '../systems/hypercall-smp/mutants.ts';
import { isolation } from '../systems/isolation/index.ts';
import type { Profile, SystemFamily } from '../systems/index.ts';

/**
 * The long explorations of `isolation` and `hypercall-smp`: every large profile in full, its count held against the
 * pinned one, and every lock that is called redundant in every default profile. Exits 1 where anything differs.
 */
const count = (value: number): string => value.toLocaleString('en-US');

interface Row {
  readonly text: string;
  readonly isRight: boolean;
}

async function run(
  family: SystemFamily,
  { name, parameters, pinned }: Profile,
  mutant?: string,
): Promise<Row> {
  const found = await explore(family.build(parameters, mutant));
  const isPinned = mutant !== undefined || pinned === undefined || pinned.states === found.states;
  const wanted = isPinned ? '' : `, pinned at ${count(pinned.states)}`;
  const what = `${family.name}/${name}${mutant === undefined ? '' : ` with "${mutant}"`}`;
  return {
    text: `${found.result.padEnd(5)} ${what}: ${count(found.states)} states${wanted}, ${count(found.transitions)} transitions, depth ${found.depth}, ${found.seconds.toFixed(1)} s, ${found.encoding.bitsPerState} bits a state`,
    isRight: found.result === 'pass' && isPinned,
  };
}

const isLarge = ({ isDefault, parameters }: Profile): boolean => !isDefault && parameters.code !== 'early';
const wanted = process.argv.slice(2);
let wrong = 0;
const tell = ({ text, isRight }: Row): void => {
  console.log(text);
  if (!isRight) wrong++;
};
for (const family of [isolation, hypercallSmp]) {
  for (const profile of family.profiles.filter(isLarge)) {
    if (wanted.length === 0 || wanted.includes(profile.name)) tell(await run(family, profile));
  }
}
if (wanted.length === 0) {
  for (const { name } of redundantMutants) {
    for (const profile of hypercallSmp.profiles.filter(({ isDefault }) => isDefault))
      tell(await run(hypercallSmp, profile, name));
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
