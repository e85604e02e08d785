import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import {
  type Exploration,
  explorationJson,
  SymmetryRefused,
  type System,
  verifySymmetry,
} from '../checker/index.ts';
import { CheckpointRefused, explore, SaveRefused } from '../checker/node/index.ts';
import { type Choice, choicesFrom, systemOf } from './choice.ts';
import { printLines } from './colour.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { explorationLines, passLine } from './print-exploration.ts';
import { progressLine } from './progress.ts';
import { casesOfRun } from './report/from-exploration.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from './report/option.ts';
import { once } from './once.ts';
import { verdictCode } from './verdict-code.ts';
import { wholeNumber } from './whole-number.ts';
import { worstCode } from './worst-code.ts';

interface CheckOptions extends ReportFlags {
  readonly profile?: string;
  readonly set?: string;
  readonly mutant?: string;
  readonly workers?: number;
  readonly maxStates?: number;
  readonly maxMemory?: number;
  readonly maxDepth?: number;
  readonly maxSeconds?: number;
  readonly stopAtViolation?: boolean;
  readonly symmetry?: boolean;
  readonly verifySymmetry?: boolean;
  readonly save?: string;
  readonly resume?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

const MEGABYTE = 1024 * 1024;
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
    .option('--mutant <name>', 'with one named fault put in')
    .option('--workers <n>', `threads (this machine offers ${availableParallelism()})`, wholeNumber)
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

/** One run and what it found. `note` says where one part of the system proves them all. */
interface Run {
  readonly choice: Choice;
  readonly found: Exploration;
  readonly note?: string;
}

async function check(
  choices: readonly Choice[],
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (choices.length > 1 && (options.save ?? options.resume) !== undefined)
    throw new CommandError(Exit.usage, '--save and --resume are for one run: name a system and a profile');
  const forPeople = isForPeople(options);
  const runs: Run[] = [];
  for (const choice of choices) {
    if (runs.length > 0 && signal.aborted) break;
    const done = await run(choice, options, signal);
    runs.push(done);
    if (forPeople) print(done, options, choices.length > 1);
  }
  if (options.json === true) console.log(JSON.stringify(document(runs, choices.length, options), null, 2));
  else if (forPeople && choices.length > 1) printSum(runs, choices.length);
  printReport(
    'check',
    runs.flatMap(({ choice, found }) => casesOfRun(choice, found, options.mutant)),
    options,
  );
  const codes = runs.map(({ found }) => verdictCode(found));
  if (runs.length < choices.length) codes.push(Exit.partial);
  return worstCode(codes);
}

async function run(choice: Choice, options: CheckOptions, signal: AbortSignal): Promise<Run> {
  const line = progressLine(`${choice.family.name}/${choice.profile}`, options.quiet === true);
  const system = systemOf(choice, options.mutant);
  const found = await explore(system, {
    ...(options.maxStates === undefined ? {} : { maxStates: options.maxStates }),
    ...(options.maxMemory === undefined ? {} : { maxMemoryBytes: options.maxMemory * MEGABYTE }),
    ...(options.maxDepth === undefined ? {} : { maxDepth: options.maxDepth }),
    ...(options.maxSeconds === undefined ? {} : { maxSeconds: options.maxSeconds }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.stopAtViolation === undefined ? {} : { stopAtViolation: true }),
    ...(isSymmetric(options) ? { symmetry: true } : {}),
    ...(options.save === undefined ? {} : { saveTo: options.save }),
    ...(options.resume === undefined ? {} : { resumeFrom: options.resume }),
    signal,
    onProgress: line.show,
  }).catch((error: unknown) => {
    throw fileTrouble(error, options) ?? error;
  });
  line.clear();
  if (options.verifySymmetry === true) await assertSymmetric(system);
  return { choice, found, ...(system.independence === undefined ? {} : { note: system.independence }) };
}

const isSymmetric = ({ symmetry, verifySymmetry: verify }: CheckOptions): boolean =>
  symmetry === true || verify === true;

/** Explores both ways and ends the command where they differ: then the system declares what it does not have. */
async function assertSymmetric(system: System): Promise<void> {
  const { differences, orbits, states } = await verifySymmetry(system);
  if (differences.length > 0)
    throw new CommandError(Exit.fault, `${system.name} is not symmetric: ${differences.join('; ')}`);
  console.error(
    `symmetry verified: ${orbits.states} orbits stand for ${states.states} states, all verdicts are the same`,
  );
}

/** What is wrong with the file of `--save` or `--resume`, in one line. */
function fileTrouble(error: unknown, { save, resume }: CheckOptions): CommandError | undefined {
  if (error instanceof SymmetryRefused) return new CommandError(Exit.usage, `--symmetry: ${error.message}`);
  if (error instanceof CheckpointRefused)
    return new CommandError(Exit.badInput, `${resume} cannot be resumed: ${error.message}`);
  if (error instanceof SaveRefused) return new CommandError(Exit.badInput, error.message);
  const isFileError = error instanceof Error && 'syscall' in error && (save ?? resume) !== undefined;
  return isFileError ? new CommandError(Exit.badInput, error.message) : undefined;
}

/** One run among many that passed is a line; what failed, and what was asked for alone, is told in full. */
function print(
  { choice, found, note }: Run,
  { quiet, verbose, mutant }: CheckOptions,
  isOneOfMany: boolean,
): void {
  if (quiet === true && found.result === 'pass') return;
  if (isOneOfMany && verbose !== true && found.result === 'pass')
    return printLines([passLine(choice, found, mutant)]);
  printLines([
    ...explorationLines(choice, found, { ...(mutant && { mutant }), ...(note && { note }) }),
    '',
  ]);
}

function printSum(runs: readonly Run[], asked: number): void {
  const passed = runs.filter(({ found }) => verdictCode(found) === Exit.ok).length;
  const states = runs.reduce((sum, { found }) => sum + found.states, 0);
  const transitions = runs.reduce((sum, { found }) => sum + found.transitions, 0);
  console.log(
    `${passed} of ${asked} runs passed: ${states.toLocaleString('en-US')} states, ${transitions.toLocaleString('en-US')} transitions.`,
  );
}

function document(runs: readonly Run[], asked: number, { mutant }: CheckOptions): object {
  const objects = runs.map(({ choice, found, note }) => ({
    system: choice.family.name,
    profile: choice.profile,
    parameters: choice.parameters,
    ...(mutant === undefined ? {} : { mutant }),
    ...(note === undefined ? {} : { note }),
    ...explorationJson(found),
  }));
  const [only] = objects;
  if (asked === 1 && only !== undefined) return only;
  const results = runs.map(({ found }) => found.result);
  const isPartial = runs.length < asked || results.includes('partial');
  return {
    result: results.includes('fail') ? 'fail' : isPartial ? 'partial' : 'pass',
    runs: objects,
  };
}
