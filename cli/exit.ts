/** The exit codes of every subcommand: a contract. */
export const Exit = {
  ok: 0,
  usage: 1,
  badInput: 2,
  unknown: 3,
  notReached: 10,
  deadlock: 11,
  violated: 12,
  unrecoverable: 13,
  twinDisagrees: 15,
  forbidden: 16,
  mutantSurvived: 20,
  partial: 30,
  fault: 70,
} as const;
export type ExitCode = (typeof Exit)[keyof typeof Exit];

/** What each code means, for `--help` and the README. */
export const exitMeanings: readonly (readonly [ExitCode, string])[] = [
  [Exit.ok, 'proven, allowed, nothing found'],
  [Exit.usage, 'usage: a flag or a name that does not exist, a size that makes no sense'],
  [Exit.badInput, 'bad input: a file, a line or an object that its schema refuses'],
  [Exit.unknown, 'unknown: an observation or a memory word is missing'],
  [Exit.notReached, 'a "sometimes" was not reached'],
  [Exit.deadlock, 'deadlock'],
  [Exit.violated, 'an "always" or "step" property is violated'],
  [Exit.unrecoverable, 'a "recoverable" property is violated'],
  [Exit.twinDisagrees, 'bits and protocol disagree'],
  [Exit.forbidden, 'what the implementation did is not allowed'],
  [Exit.mutantSurvived, 'a mutant survived'],
  [Exit.partial, 'partial: a bound was hit or the run was interrupted'],
  [Exit.fault, 'a fault of our own'],
];

/** Ends the command with one clear line and a code of its own: what, where, what was expected. */
export class CommandError extends Error {
  readonly code: ExitCode;
  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}
