import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { SystemFamily } from '../systems/system.ts';
import { familiesNamed } from './choice.ts';
import { printLines } from './colour.ts';
import { type Crew, startCrew } from './crew.ts';
import { didYouMean } from './did-you-mean.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { casesOfTrials } from './report/from-trials.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from './report/option.ts';
import { type TrialReport, type TrialRequest, tryNamed } from './mutants/trial-report.ts';
import { mutantsOverAllWords } from './mutants/every-word.ts';
import { wholeNumber } from './whole-number.ts';

interface MutantsOptions extends ReportFlags {
  readonly only?: string;
  readonly maxStates: number;
  readonly allKillers?: boolean;
  readonly workers?: number;
  readonly attacks?: boolean;
  readonly words?: boolean;
}

/** One system's mutants, tried. */
interface Result {
  readonly family: SystemFamily;
  readonly trials: readonly TrialReport[];
  /** How many there were to try: more than were tried where the run was cut short. */
  readonly of: number;
  /** `always`, `step` and `recoverable` sentences that no mutant violates: nothing here shows that they can fail. */
  readonly unkilled: readonly { readonly id?: string; readonly name: string }[];
}

export const mutantsCommand = (): Command =>
  withReportOption(new Command('mutants'))
    .description('what each check is worth: every mutant, what kills it, and the shortest attack')
    .argument('[system...]', 'only the mutants of these systems')
    .option('--only <mutant>', 'only this mutant')
    .option('--max-states <n>', 'give a mutant no more states than this', wholeNumber, 20_000)
    .option(
      '--all-killers',
      'go on after the shortest attack, for all that notices the mutant (--only does)',
    )
    .option('--workers <n>', `threads (this machine offers ${availableParallelism()})`, wholeNumber)
    .option('--attacks', 'print each shortest attack in full')
    .option('--words', 'spp-walk: told from the specification over all words of memory, not in its classes')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Verdicts: killed (a property, the twin or a deadlock tells it from the specification), equivalent (every distinct
step of this profile is the same, proved by comparing them all; over all words: --words), survived (a step differs and
nothing noticed), undecided (the bound on states was hit first). What kills a mutant is what has noticed it when its shortest attack is known.

--json prints { systems: [{ system, tried, of, mutants: [{ name, about, source, profile, verdict, label: this profile or partial, killedBy: [{ name, kind,
property, why, length }], attack }], unkilled: [property names] }] }.

spp-walk --words: a mutant is told apart, by the smallest memory of the first setting in which it and the
specification differ in what a processor shows, or equal over all words of all settings. --json prints { system,
label, mutants: [{ name, about, source, verdict, settings, setting?, why?, vector? }], undecided }; a vector is one
of "pagewarden vectors".`,
    )
    .action(async (names: string[], options: MutantsOptions) => {
      const signal = interruption();
      if (options.words === true) {
        if (names.length !== 1 || names[0] !== 'spp-walk')
          throw new CommandError(
            Exit.usage,
            '--words: only the walk is proven over all words; name spp-walk',
          );
        if (options.report !== undefined) throw new CommandError(Exit.usage, '--words has no --report');
        process.exitCode = await mutantsOverAllWords(options, signal);
        return;
      }
      const families = await familiesNamed(names);
      process.exitCode = await mutants(havingMutant(families, options.only), options, signal);
    });

/** Those of the systems that have the mutant, all where none is named. @throws CommandError where none has it */
function havingMutant(
  families: readonly SystemFamily[],
  only: string | undefined,
): readonly SystemFamily[] {
  if (only === undefined) return families;
  const having = families.filter(family => family.mutants.some(({ name }) => name === only));
  if (having.length > 0) return having;
  const searched = families.map(({ name }) => name).join(', ');
  const known = families.flatMap(family => family.mutants.map(({ name }) => name));
  throw new CommandError(Exit.usage, `there is no mutant ${only} in ${searched}${didYouMean(only, known)}`);
}

async function mutants(
  families: readonly SystemFamily[],
  options: MutantsOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const chosen = families.map(({ mutants: all }) =>
    all.filter(({ name }) => options.only === undefined || name === options.only),
  );
  // two or three are tried before another thread has loaded what it needs
  const isFew = chosen.flat().length < 4;
  const threads = options.workers ?? (isFew ? 1 : availableParallelism());
  const crew = startCrew(threads, signal, tryNamed, new URL('./mutants/thread.js', import.meta.url));
  const isWhole = options.allKillers === true || options.only !== undefined;
  const { maxStates } = options;
  const forPeople = isForPeople(options);
  const results: Result[] = [];
  const under = families.map(({ name: system }, at) =>
    (chosen[at] ?? []).map(({ name: mutant }) => crew.run({ system, mutant, maxStates, isWhole })),
  );
  for (const [at, family] of families.entries()) {
    const trials = await allOf(family.name, under[at] ?? []);
    const of = chosen[at]?.length ?? 0;
    const isAll = options.only === undefined && trials.length === of;
    const unkilled = isAll ? await unkilledBy(family, trials, crew, { isWhole, maxStates }) : [];
    // cut short, nobody knows what the mutants that were not tried would have violated
    const result = { family, trials, of, unkilled: signal.aborted ? [] : unkilled };
    results.push(result);
    if (forPeople) printLines(resultLines(result, options));
    if (signal.aborted) break;
  }
  await crew.close();
  if (options.json === true) console.log(JSON.stringify({ systems: results.map(resultJson) }, null, 2));
  printReport(
    'mutants',
    results.flatMap(({ family, ...tried }) => casesOfTrials({ system: family.name, ...tried })),
    options,
  );
  if (signal.aborted) return Exit.partial;
  const all = results.flatMap(({ trials }) => trials);
  if (
    all.some(({ verdict }) => verdict === 'survived') ||
    results.some(({ unkilled }) => unkilled.length > 0)
  ) {
    return Exit.mutantSurvived;
  }
  return all.some(({ verdict }) => verdict === 'undecided') ? Exit.partial : Exit.ok;
}

/** What has come of the trials of one system when all are done, with a count on a terminal. */
async function allOf(
  system: string,
  trials: readonly Promise<TrialReport | undefined>[],
): Promise<readonly TrialReport[]> {
  const isTerminal = process.stderr.isTTY === true;
  let done = 0;
  for (const trial of trials)
    void trial.then(
      () => isTerminal && process.stderr.write(`\r\x1b[2K${system}: ${++done} of ${trials.length}`),
      () => undefined,
    );
  const reports = (await Promise.all(trials)).filter(report => report !== undefined);
  if (isTerminal) process.stderr.write('\r\x1b[2K');
  return reports;
}

/**
 * The sentences that no mutant violates. Those that are only violated after the shortest attack are looked for in
 * longer runs, until none is left.
 */
async function unkilledBy(
  family: SystemFamily,
  trials: readonly TrialReport[],
  crew: Crew<TrialRequest, TrialReport>,
  { isWhole, maxStates }: Pick<TrialRequest, 'isWhole' | 'maxStates'>,
): Promise<Result['unkilled']> {
  const profile = family.profiles.find(({ name }) => name === family.mutantProfile);
  const { properties } = family.build(profile?.parameters ?? {});
  const killed = new Set(trials.flatMap(({ violated }) => violated));
  const left = () => properties.filter(({ kind, name }) => kind !== 'sometimes' && !killed.has(name));
  // those that broke most at once are the likeliest to break more
  const cut = (isWhole ? [] : trials.filter(({ violated }) => violated.length > 0)).toSorted(
    (one, other) => other.violated.length - one.violated.length,
  );
  for (let at = 0; at < cut.length && left().length > 0; at += crew.size) {
    const longer = cut
      .slice(at, at + crew.size)
      .map(({ name }) => crew.run({ system: family.name, mutant: name, maxStates, isWhole: true }));
    for (const report of await Promise.all(longer))
      for (const name of report?.violated ?? []) killed.add(name);
  }
  return left();
}

function resultLines({ family, trials, of, unkilled }: Result, { attacks }: MutantsOptions): string[] {
  const width = Math.max(8, ...trials.map(({ name }) => name.length));
  const lines = trials.flatMap(({ name, about, source, verdict, killedBy, calls, attack }) => {
    if (attacks === true && attack.length > 0) return ['', `${name}: ${about}  [${source}]`, ...attack];
    const head = `  ${name.padEnd(width)}  ${verdict.padEnd(10)}  ${String(calls.length || '').padStart(2)}  ${killedBy}`;
    return calls.length === 0 ? [head] : [head, `  ${''.padEnd(width)}  ${calls.join('; ')}`];
  });
  const count = (verdict: TrialReport['verdict']): number =>
    trials.filter(trial => trial.verdict === verdict).length;
  return [
    `${family.name}: mutant, verdict, steps of the shortest attack, what kills it`,
    ...lines,
    `  ${trials.length} ${trials.length === 1 ? 'mutant' : 'mutants'}: ${count('killed')} killed, ${count('equivalent')} equivalent (this profile), ${count('survived')} survived, ${count('undecided')} undecided (partial)`,
    ...(trials.length < of
      ? [`  PARTIAL: interrupted; ${of - trials.length} of ${of} mutants were not tried`]
      : []),
    ...unkilled.map(({ id, name }) => `  no mutant violates ${id ?? ''} "${name}"`),
    '',
  ];
}

const resultJson = ({ family, trials, of, unkilled }: Result): object => ({
  system: family.name,
  tried: trials.length,
  of,
  mutants: trials.map(({ json }) => json),
  unkilled: unkilled.map(({ name }) => name),
});
