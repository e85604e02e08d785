import { z } from 'zod';
import { readJson } from '../../evidence/json-text.ts';
import { tracesOfCheck } from '../../graphs/check-json.ts';
import { fromItf } from '../../graphs/itf.ts';
import type { RecordedTrace } from '../../graphs/recorded-trace.ts';
import { CommandError, Exit } from '../exit.ts';
import { textIn } from '../read-file.ts';

const bad = (file: string, why: string): CommandError => new CommandError(Exit.badInput, `${file}: ${why}`);

/** What a schema has against a file, in one line: where, and what was expected there. */
function complaint(error: z.ZodError): string {
  const deepest = (issue: z.core.$ZodIssue): z.core.$ZodIssue => {
    const [inner] = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    return inner === undefined ? issue : deepest(inner);
  };
  const [first] = error.issues;
  if (first === undefined) return 'not a trace';
  const issue = deepest(first);
  const where = [...first.path, ...(issue === first ? [] : issue.path)].join('.');
  return `${where === '' ? 'the file' : where}: ${issue.message}`;
}

/**
 * The traces in a file: an ITF trace, or every counterexample and witness of a report of `check --json`. `-` is the
 * standard input.
 *
 * @throws CommandError (bad input) naming what in the file is not as expected.
 */
export function readTraces(file: string): RecordedTrace[] {
  const read = readJson(textIn(file));
  if (!read.ok) throw bad(file, `${read.why}; expected an ITF trace, or what check --json prints`);
  const json = read.value;
  const isItf = typeof json === 'object' && json !== null && 'vars' in json && 'states' in json;
  try {
    return isItf ? [fromItf(json)] : tracesOfCheck(json);
  } catch (error) {
    if (error instanceof z.ZodError)
      throw bad(
        file,
        `not ${isItf ? 'an ITF trace of ours' : 'a report of check --json'}: ${complaint(error)}`,
      );
    if (error instanceof RangeError) throw bad(file, error.message);
    throw error;
  }
}

/**
 * The one trace of a file that is meant: the first, or the one of the property whose name or part of it is given.
 *
 * @throws CommandError where there is none.
 */
export function chosenTrace(file: string, property: string | undefined): RecordedTrace {
  const traces = readTraces(file);
  const found = traces.find(
    trace => property === undefined || trace.property?.name.includes(property) === true,
  );
  if (found !== undefined) return found;
  const known = traces.flatMap(trace => trace.property?.name ?? []);
  throw bad(
    file,
    known.length === 0
      ? 'holds no trace: nothing was violated or reached'
      : `no trace of "${property}"; there are: ${known.join('; ')}`,
  );
}
