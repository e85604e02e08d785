import { Command } from 'commander';
import type { SystemFamily } from '../systems/system.ts';
import { assertHasMutant, type Choice, choicesFrom, familiesNamed } from './choice.ts';
import { printLines } from './colour.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { proveCallsOnWords } from './prove/calls.ts';
import { proveSizes } from './prove/every-size.ts';
import { proveWords } from './prove/every-word.ts';
import { exploreProfiles } from './prove/finite.ts';
import { casesOfProof } from './report/from-proof.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from './report/option.ts';
import { pathExplained } from './prove/path.ts';
import type { ProveOptions, Proven } from './prove/proven.ts';
import { worstCode } from './worst-code.ts';

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

/** The profile that the system names for it, or the one that is asked for: its options beside the numbers of members. */
async function choiceOf(family: SystemFamily, name: string, { profile }: ProveOptions): Promise<Choice> {
  const [choice] = await choicesFrom([name], { profile: profile ?? family.proofProfile });
  if (choice === undefined) throw usage(`${family.name} has no profile that runs by default`);
  return choice;
}

async function proven(
  family: SystemFamily,
  name: string,
  options: ProveOptions,
  signal: AbortSignal,
): Promise<Proven> {
  assertHasMutant(family, options.mutant);
  if (options.words === true) return overAllWords(family, options, signal);
  if (family.name === 'spp-walk' && options.mutant === undefined && options.profile === undefined)
    return proveWords(options, signal);
  const choice = await choiceOf(family, name, options);
  const sized = family.sized?.(choice.parameters, options.mutant);
  return sized === undefined
    ? exploreProfiles(family, options, signal)
    : proveSizes(choice, sized, options, signal);
}

/** Over every content of the words: the walk, and the calls of ownership. */
async function overAllWords(
  family: SystemFamily,
  options: ProveOptions,
  signal: AbortSignal,
): Promise<Proven> {
  const { profile, mutant, k, instance } = options;
  if ((profile ?? mutant ?? k ?? instance) !== undefined)
    throw usage('--words takes no --profile, --mutant, --k or --instance: no size and no class is chosen');
  if (family.name === 'spp-walk') return proveWords(options, signal);
  if (family.name === 'ownership') return proveCallsOnWords(options);
  throw usage(`--words: spp-walk and ownership are proven for every word, not ${family.name}`);
}

function explainPath(
  names: readonly string[],
  path: string,
  { json, report }: ProveOptions & ReportFlags,
): ExitCode {
  if (names.length !== 1 || names[0] !== 'spp-walk') throw usage('--path: paths are of spp-walk; name it');
  if (report !== undefined) throw usage('--path has no --report');
  const explained = pathExplained(path);
  if (json === true) console.log(JSON.stringify(explained.json, undefined, 2));
  else printLines(explained.lines);
  return Exit.ok;
}

async function run(
  names: readonly string[],
  options: ProveOptions & ReportFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (options.path !== undefined) return explainPath(names, options.path, options);
  const families = await familiesNamed(names);
  const one = names.length === 1;
  if (!one && (options.profile ?? options.mutant ?? options.instance) !== undefined)
    throw usage('--profile, --mutant and --instance need the name of one system');
  const forPeople = isForPeople(options);
  const runs: Proven[] = [];
  for (const [at, family] of families.entries()) {
    if (runs.length > 0 && signal.aborted) break;
    const done = await proven(family, names[at] ?? family.name, options, signal);
    // of several systems, those that do not have the sentence are left out
    if (done.json.sentences.length === 0) continue;
    runs.push(done);
    if (forPeople) printLines([...done.lines, ...(one ? [] : [''])]);
  }
  if (runs.length === 0 && !signal.aborted)
    throw usage(`${families.map(({ name }) => name).join(', ')}: no sentence ${options.sentence}`);
  const codes = runs.map(({ code }) => code);
  const exit = worstCode(signal.aborted ? [...codes, Exit.partial] : codes);
  if (options.json === true) {
    const [only] = runs;
    const document = one && only !== undefined ? only.json : { runs: runs.map(({ json }) => json), exit };
    console.log(JSON.stringify(document, undefined, 2));
  }
  printReport(
    'prove',
    runs.flatMap(({ json }) => casesOfProof(json)),
    options,
  );
  return exit;
}

const help = `
What each sentence is worth stands in front of it:
  every size     true for every number of members, by local induction; the cut-off is printed
  every word     true for every content of every word: spp-walk is run on words that answer only what it asks, so that
                 each path stands for the set of memories that answer like it, and the sets are checked to be all;
                 --words does so with the eight calls of ownership, on leaf words of any content
  this instance  true of the instance that is printed; a loop or a shortage of members shows nothing of larger ones
  this profile   true of the profiles explored: the system has no numbers of members, or does not say what they are
  partial        interrupted before it was known
  reached        a small instance shows it
  violated       a small instance breaks it: check prints the path
  not proven     with the case in which it is false, which need not be reachable
--json prints what "pagewarden schema proof" describes: one object, or { runs, exit } of several systems.
Ctrl-C ends the proof with what it has, marked partial.`;

export const proveCommand = (): Command =>
  withReportOption(new Command('prove'))
    .description('prove the sentences of systems for every number of their members, or for every word')
    .argument('[system...]', 'the systems: all where none is named')
    .option(
      '--profile <name>',
      'whose options beside the numbers of members; the first default one where left out',
    )
    .option('--sentence <id>', 'only this sentence, by its id or its words')
    .option('--mutant <name>', 'with this fault')
    .option('--k <slots>', 'the most slots that the candidate speaks of at once (4)')
    .option(
      '--instance <counts>',
      'members of the instance that steps are taken in: pages=3,gpas=2 (4 of each)',
    )
    .option(
      '--words',
      'spp-walk, ownership: for every content of every word that a walk or a call looks at',
    )
    .option(
      '--path <name>',
      'spp-walk: which bits decide on one path, by the id of its vector (vectors --cover paths)',
    )
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', help)
    .action(async (names: string[], options: ProveOptions & ReportFlags) => {
      const signal = interruption();
      process.exitCode = await run(names, options, signal);
    });
