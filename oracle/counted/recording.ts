import type { Read } from '../../evidence/records/values.ts';
import type { CountedImplementation } from './implementation.ts';
import type { CallVerdict } from './verdict.ts';

/** A call as a line of a recording holds it, for a person, and what came of it. */
export interface JudgedCall {
  /** Its place in the line, counted from 1. */
  readonly call: number;
  readonly text: string;
  readonly verdict: CallVerdict;
}

/** Reads a recording line by line and holds its calls against the implementation. */
export interface RecordingJudge {
  /** The calls of one line, or why the line cannot be read. */
  line(value: unknown): Read<Iterable<JudgedCall>>;
}

/** One format of recordings. */
export interface RecordingFormat<I extends CountedImplementation> {
  readonly schema: string;
  readonly machine: I['machine'];
  /** The implementation that such files come from. */
  readonly usual: string;
  /** Whether a line that is no header is a sequence of this format. */
  isSequence(value: object): boolean;
  /** `header` is the first line, or `undefined` where the file has none. */
  open(header: unknown, implementation: I): Read<RecordingJudge>;
  /** Every rule by which a call of each operation can end. */
  rules(implementation: I): ReadonlyMap<string, readonly string[]>;
}

/** The call without the state after it. */
export function callText(call: object): string {
  const { s: _s, ...rest } = call as Readonly<Record<string, unknown>>;
  return JSON.stringify(rest);
}
