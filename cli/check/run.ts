import {
  type Exploration,
  explorationJson,
  SymmetryRefused,
  type System,
  verifySymmetry,
} from '../../checker/index.ts';
import { CheckpointRefused, explore, SaveRefused } from '../../checker/node/index.ts';
import { type Choice, type ChoiceOptions, choicesFrom, systemOf } from '../choice.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { explorationLines, passLine } from '../print-exploration.ts';
import { progressLine } from '../progress.ts';
import { casesOfRun } from '../report/from-exploration.ts';
import type { Case } from '../report/report.ts';
import { verdictCode } from '../verdict-code.ts';

/** What bounds a run, and what it is to do beside exploring. */
export interface RunOptions extends ChoiceOptions {
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
}

/** One run of one system, by names: what another thread can be told. */
export interface RunRequest {
  readonly system: string;
  readonly options: RunOptions;
  /** Whether the terminal shows how far it is. */
  readonly isQuiet: boolean;
}

/** How it went, as it is printed: what another thread can answer. */
export interface RunReport {
  readonly result: Exploration['result'];
  readonly code: ExitCode;
  readonly states: number;
  readonly transitions: number;
  /** One line, for a run among many that passed. */
  readonly summary: string;
  readonly lines: readonly string[];
  readonly cases: readonly Case[];
  readonly json: object;
}

const MEGABYTE = 1024 * 1024;

/** Explores the one system at the one size that the request names. */
export async function runNamed(request: RunRequest, signal: AbortSignal): Promise<RunReport> {
  const { options } = request;
  const [choice, ...others] = await choicesFrom([request.system], options);
  if (choice === undefined || others.length > 0) throw new RangeError('a run is one system at one size');
  const found = await run(choice, request, signal);
  const { mutant } = options;
  return {
    result: found.result,
    code: verdictCode(found),
    states: found.states,
    transitions: found.transitions,
    summary: passLine(choice, found, mutant),
    cases: casesOfRun(choice, found, mutant),
    lines: explorationLines(choice, found, mutant),
    json: {
      system: choice.family.name,
      profile: choice.profile,
      parameters: choice.parameters,
      ...(mutant === undefined ? {} : { mutant }),
      ...explorationJson(found),
    },
  };
}

async function run(
  choice: Choice,
  { options, isQuiet }: RunRequest,
  signal: AbortSignal,
): Promise<Exploration> {
  const line = progressLine(`${choice.family.name}/${choice.profile}`, isQuiet);
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
  return found;
}

const isSymmetric = ({ symmetry, verifySymmetry: verify }: RunOptions): boolean =>
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
function fileTrouble(error: unknown, { save, resume }: RunOptions): CommandError | undefined {
  if (error instanceof SymmetryRefused) return new CommandError(Exit.usage, `--symmetry: ${error.message}`);
  if (error instanceof CheckpointRefused)
    return new CommandError(Exit.badInput, `${resume} cannot be resumed: ${error.message}`);
  if (error instanceof SaveRefused) return new CommandError(Exit.badInput, error.message);
  const isFileError = error instanceof Error && 'syscall' in error && (save ?? resume) !== undefined;
  return isFileError ? new CommandError(Exit.badInput, error.message) : undefined;
}
