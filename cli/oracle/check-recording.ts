import {
  checkRecording,
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
  recordingFormatOf,
  type RecordingReport,
} from '../../oracle/counted/index.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { recordingJson } from './recording-json.ts';
import { recordingText } from './recording-text.ts';

/** The first line that is not blank, and every line, that one included. */
export function peeked(lines: Iterable<string>): {
  readonly first: string;
  readonly all: Iterable<string>;
} {
  const iterator = lines[Symbol.iterator]();
  const read: string[] = [];
  let first = '';
  while (first.trim() === '') {
    const next = iterator.next();
    if (next.done === true) break;
    first = next.value;
    read.push(first);
  }
  const all = (function* () {
    yield* read;
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
  })();
  return { first, all };
}

/** The implementation that a recording is held against: the one that is named, or the one such files come from. */
function implementationFor(name: string, machine: CountedImplementation['machine']): CountedImplementation {
  const found = countedImplementationNamed(name);
  const names = countedImplementations.filter(known => known.machine === machine).map(known => known.name);
  if (found === undefined || found.machine !== machine)
    throw new CommandError(
      Exit.usage,
      `${name} is no implementation that such a recording can be held against: there are ${names.join(', ')}`,
    );
  return found;
}

function exitOf({ summary, unparsed }: RecordingReport): ExitCode {
  if (summary.forbidden > 0) return Exit.forbidden;
  if (unparsed.count > 0) return Exit.badInput;
  return summary.unknown > 0 || summary.allowed === 0 ? Exit.unknown : Exit.ok;
}

/**
 * Holds a recording against an implementation and prints the report; `false` where the trace is none and nothing was
 * read but its first line.
 */
export function reportRecording(
  trace: { readonly name: string; readonly first: string; readonly all: Iterable<string> },
  flags: { readonly implementation?: string; readonly stopAtFirst?: true; readonly json?: true },
): boolean {
  const format = recordingFormatOf(trace.first);
  if (format === undefined) return false;
  const implementation = implementationFor(flags.implementation ?? format.usual, format.machine);
  const report = checkRecording(trace.all, format, implementation, {
    stopAtFirst: flags.stopAtFirst === true,
  });
  const exit = exitOf(report);
  if (flags.json === true) console.log(JSON.stringify({ ...recordingJson(report), exit }, undefined, 2));
  else for (const line of recordingText(report, trace.name)) console.log(line);
  process.exitCode = exit;
  return true;
}
