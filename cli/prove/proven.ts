import type { ExitCode } from '../exit.ts';
import type { ProofJson } from './proof-schema.ts';

/** What has come of one system. */
export interface Proven {
  readonly lines: readonly string[];
  readonly json: ProofJson;
  readonly code: ExitCode;
}

/** What was chosen on the command line, for all systems alike. */
export interface ProveOptions {
  readonly profile?: string;
  readonly sentence?: string;
  readonly mutant?: string;
  readonly k?: string;
  readonly instance?: string;
  readonly words?: boolean;
  readonly path?: string;
  readonly json?: boolean;
}
