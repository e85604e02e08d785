import { CommanderError } from 'commander';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { ownFault } from './own-system/own-fault.ts';

/** How a command that did not get through ends: its exit code and, where it has not been printed yet, the line to print. */
export interface Failure {
  readonly code: ExitCode;
  /** What, where and what was expected, for people and for the `error` of `--json`. */
  readonly message: string;
  /** Commander has printed its own already. */
  readonly isPrinted: boolean;
}

/** A file that cannot be opened, read or written is bad input; any other exception that was not foreseen is our fault. */
export function failureOf(thrown: unknown): Failure | undefined {
  const error = ownFault(thrown) ?? thrown;
  if (error instanceof CommanderError)
    return error.exitCode === 0
      ? undefined
      : { code: Exit.usage, message: error.message.replace(/^error: /, ''), isPrinted: true };
  if (error instanceof CommandError) return { code: error.code, message: error.message, isPrinted: false };
  if (error instanceof Error && 'syscall' in error)
    return { code: Exit.badInput, message: error.message, isPrinted: false };
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: Exit.fault, message: `a fault of our own, please report it: ${trace}`, isPrinted: false };
}

/**
 * The code when whoever reads standard output goes away (`| head`): what was found where that is known already. A
 * run that was cut off is partial, never 0.
 */
export const codeOfCutOff = (exitCode: typeof process.exitCode): number =>
  exitCode === undefined || exitCode === null ? Exit.partial : Number(exitCode);
