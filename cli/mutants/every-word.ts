import { setImmediate } from 'node:timers/promises';
import { addressHex, groupedHex } from '../../model/bits/index.ts';
import { walkMutants } from '../../systems/spp-walk/mutants.ts';
import { compare, type Compared, type Difference } from '../../systems/spp-walk/every-word/apart.ts';
import { settingsInTurn } from '../../systems/spp-walk/every-word/prove.ts';
import { vectorOfMember } from '../../suites/walk-vectors/path-vectors.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';

export interface EveryWordOptions {
  readonly only?: string;
  readonly attacks?: boolean;
  readonly json?: boolean | undefined;
}

const verdictOf = ({ difference }: Compared): string => (difference === undefined ? 'equal' : 'told apart');

/** The words of the memory on which the two differ, a line each. */
const memoryLines = ({ member: { named, memory } }: Difference): readonly string[] => [
  ...Object.entries(named).map(([field, word]) => `      ${field.padEnd(14)}  ${groupedHex(word)}`),
  ...[...memory.words].map(([at, word]) => `      ${addressHex(at).padEnd(14)}  ${groupedHex(word)}`),
];

function comparedLines(
  compared: Compared,
  width: number,
  { attacks }: EveryWordOptions,
): readonly string[] {
  const { fault, difference, settings } = compared;
  const head = `  ${fault.name.padEnd(width)}  ${verdictOf(compared).padEnd(10)}`;
  if (difference === undefined) return [`${head}  in all ${settings} settings, over all words`];
  return [
    `${head}  ${difference.setting.name}`,
    `  ${''.padEnd(width)}  ${''.padEnd(10)}  ${difference.why}`,
    ...(attacks === true ? memoryLines(difference) : []),
  ];
}

function comparedJson(compared: Compared): object {
  const { fault, difference, settings } = compared;
  const { name, about, source } = fault;
  const base = { name, about, source, verdict: verdictOf(compared), settings };
  if (difference === undefined) return base;
  const { setting, member, why } = difference;
  return { ...base, setting: setting.name, why, vector: vectorOfMember(name, setting, member) };
}

/** Tells the mutants of the walk from the specification over all words, and prints the smallest memory of each. */
export async function mutantsOverAllWords(
  options: EveryWordOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const faults = walkMutants.filter(({ name }) => options.only === undefined || name === options.only);
  if (faults.length === 0)
    throw new CommandError(Exit.usage, `there is no mutant ${options.only} in spp-walk`);
  const width = Math.max(...faults.map(({ name }) => name.length));
  const isText = options.json !== true;
  if (isText) console.log('spp-walk: mutant, verdict over all words, where they first differ, and how');
  const known: Compared[] = [];
  for (const compared of compare(faults, settingsInTurn())) {
    if (compared !== undefined) {
      known.push(compared);
      if (isText) console.log(comparedLines(compared, width, options).join('\n'));
      continue;
    }
    await setImmediate(); // an interruption is heard between two settings
    if (signal.aborted) break;
  }
  const apart = known.filter(({ difference }) => difference !== undefined).length;
  const [equal, undecided] = [known.length - apart, faults.length - known.length];
  if (isText)
    console.log(
      `  ${faults.length} ${faults.length === 1 ? 'mutant' : 'mutants'}: ${apart} told apart, ${equal} equal over all words, ${undecided} undecided`,
    );
  else
    console.log(
      JSON.stringify(
        { system: 'spp-walk', label: 'every word', mutants: known.map(comparedJson), undecided },
        undefined,
        2,
      ),
    );
  return undecided > 0 ? Exit.partial : Exit.ok;
}
