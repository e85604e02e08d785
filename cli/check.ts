import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { type RunOptions, type RunReport, runNamed, type RunRequest } from './check/run.ts';
import { type Choice, choicesFrom } from './choice.ts';
import { printLines } from './colour.ts';
import { startCrew } from './crew.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from './report/option.ts';
import { once } from './once.ts';
import { wholeNumber } from './whole-number.ts';
import { worstCode } from './worst-code.ts';

interface CheckOptions extends RunOptions, ReportFlags {
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

const jsonHelp = `
--json prints one object: result (pass, fail, partial), system, profile, parameters, mutant, bound, states,
transitions, refused, depth, perLevel, properties[] (id, name, kind, source, verdict: holds, violated, reached,
not reached, undecided; label: what the verdict is worth, this profile or partial, while prove has every size; about,
why, counterexample or witness), twin (agrees, label, distinctSteps), deadlock, coverage[], encoding, evaluations, seconds. Of several runs: { result, runs: [...] }. A path is { shortest, steps: [{ actor,
action, args, result, changes: [{ slot, before, after }] }] }; words and addresses are "0x…".

Ctrl-C ends the run with what it found so far, marked partial.`;

export const checkCommand = (): Command =>
  withReportOption(new Command('check'))
    .description(
      'explore systems exhaustively and hold every property; all default profiles where none is named',
    )
    .argument(
      '[system...]',
      'systems to check, see pagewarden list; ./my-system.ts is one of your own (pagewarden new system) and runs your code with your rights',
    )
    .option('--profile <name>', 'a profile of the system', once)
    .option('--set <values>', 'a size of your own: pages=2,gpas=2,protected=1,normal=1')
    .option('--revision <name>', 'another revision of the code, where a system has several: x86-2026')
    .option('--mutant <name>', 'with one named fault put in')
    .option(
      '--workers <n>',
      `threads of one run; several runs are shared out (this machine offers ${availableParallelism()})`,
      wholeNumber,
    )
    .option('--max-states <n>', 'stop after so many states: the result is partial', wholeNumber)
    .option('--max-memory <megabytes>', 'stop at so much memory: the result is partial', wholeNumber)
    .option('--max-depth <n>', 'stop at this depth: the result is partial', wholeNumber)
    .option('--max-seconds <n>', 'stop after so many seconds: the result is partial', wholeNumber)
    .option('--stop-at-violation', 'stop at the end of the first level that violates something')
    .option('--symmetry', 'keep one state of each orbit of interchangeable members')
    .option('--verify-symmetry', 'the same, and compare with a run without: for small sizes')
    .option(
      '--save <file>',
      'save the run there now and then, between two levels, and when it is cut short',
    )
    .option('--resume <file>', 'go on from a saved run of the same system and size')
    .option('--json', 'print one JSON object instead of text')
    .option('-v, --verbose', 'of several runs, tell also those that passed in full')
    .option('--quiet', 'print only failures')
    .addHelpText('after', jsonHelp)
    .action(async (names: string[], options: CheckOptions) => {
      const signal = interruption();
      process.exitCode = await check(await choicesFrom(names, options), options, signal);
    });

async function check(
  choices: readonly Choice[],
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const isOneOfMany = choices.length > 1;
  if (isOneOfMany && (options.save ?? options.resume) !== undefined)
    throw new CommandError(Exit.usage, '--save and --resume are for one run: name a system and a profile');
  const forPeople = isForPeople(options);
  const runs: RunReport[] = [];
  for await (const done of reports(choices, options, signal)) {
    runs.push(done);
    if (forPeople) print(done, options, isOneOfMany);
  }
  if (options.json === true) console.log(JSON.stringify(document(runs, choices.length), null, 2));
  else if (forPeople && isOneOfMany) printSum(runs, choices.length);
  printReport(
    'check',
    runs.flatMap(({ cases }) => cases),
    options,
  );
  const codes = runs.map(({ code }) => code);
  if (runs.length < choices.length) codes.push(Exit.partial);
  return worstCode(codes);
}

/** The runs, in the order in which they were asked for; those that were not begun before an interruption are left out. */
async function* reports(
  choices: readonly Choice[],
  options: CheckOptions,
  signal: AbortSignal,
): AsyncGenerator<RunReport> {
  const crew = startCrew<RunRequest, RunReport>(
    threadsFor(choices.length, options),
    signal,
    runNamed,
    new URL('./check/thread.js', import.meta.url),
  );
  const under = choices.map(({ family, profile }) =>
    crew.run({
      system: family.name,
      options: profile === 'custom' ? options : { ...options, profile },
      isQuiet: options.quiet === true || crew.size > 1,
    }),
  );
  try {
    for (const pending of under) {
      const done = await pending;
      if (done === undefined) return;
      yield done;
    }
  } finally {
    await crew.close();
  }
}

/** Two or three runs are done before another thread has loaded what it needs; threads asked for are each run's own. */
function threadsFor(runs: number, { workers, verifySymmetry }: RunOptions): number {
  return runs < 4 || workers !== undefined || verifySymmetry === true ? 1 : availableParallelism();
}

/** One run among many that passed is a line; what failed, and what was asked for alone, is told in full. */
function print(
  { result, summary, lines }: RunReport,
  { quiet, verbose }: CheckOptions,
  isOneOfMany: boolean,
): void {
  if (quiet === true && result === 'pass') return;
  const isShort = isOneOfMany && verbose !== true && result === 'pass';
  printLines(isShort ? [summary] : [...lines, '']);
}

function printSum(runs: readonly RunReport[], asked: number): void {
  const passed = runs.filter(({ code }) => code === Exit.ok).length;
  const states = runs.reduce((sum, run) => sum + run.states, 0);
  const transitions = runs.reduce((sum, run) => sum + run.transitions, 0);
  console.log(
    `${passed} of ${asked} runs passed: ${states.toLocaleString('en-US')} states, ${transitions.toLocaleString('en-US')} transitions.`,
  );
}

function document(runs: readonly RunReport[], asked: number): object {
  const [only] = runs;
  if (asked === 1 && only !== undefined) return only.json;
  const results = runs.map(({ result }) => result);
  const isPartial = runs.length < asked || results.includes('partial');
  return {
    result: results.includes('fail') ? 'fail' : isPartial ? 'partial' : 'pass',
    runs: runs.map(({ json }) => json),
  };
}
