import { limits } from './limits.ts';

/** Why a line is not answered, as the answer says it. */
export interface RequestError {
  readonly code: 'json' | 'schema' | 'state' | 'limit';
  /** What is wrong, where, and what was expected. */
  readonly message: string;
  /** The limit that was hit, by name. */
  readonly limit?: string;
}

/** The error that names a limit. */
export const limitError = (limit: keyof typeof limits, what: string): RequestError => ({
  code: 'limit',
  limit,
  message: `${what}: at most ${limits[limit]}`,
});
