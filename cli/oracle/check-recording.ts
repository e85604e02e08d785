import {
  checkRecording,
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
  recordingFormatOf,
  type RecordingReport,
} from '../../oracle/counted/index.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { casesOfRecording } from '../report/from-record.ts';
import { isForPeople, printReport, type ReportFlags } from '../report/option.ts';
import { recordingJson } from './recording-json.ts';
import { recordingText } from './recording-text.ts';

/** Whether a trace that begins with this line is a recording. */
export const isRecording = (first: string): boolean => recordingFormatOf(first) !== undefined;

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

/** Holds a recording against an implementation and prints the report. */
export function reportRecording(
  { name, lines }: { readonly name: string; readonly lines: readonly string[] },
  flags: ReportFlags & { readonly implementation?: string; readonly stopAtFirst?: true },
): void {
  const format = recordingFormatOf(lines.find(line => line.trim() !== '') ?? '');
  if (format === undefined) throw new RangeError(`${name} is no recording`);
  const implementation = implementationFor(flags.implementation ?? format.usual, format.machine);
  const report = checkRecording(lines, format, implementation, {
    stopAtFirst: flags.stopAtFirst === true,
  });
  const exit = exitOf(report);
  if (flags.json === true) console.log(JSON.stringify({ ...recordingJson(report), exit }, undefined, 2));
  else if (isForPeople(flags)) for (const line of recordingText(report, name)) console.log(line);
  printReport('oracle check', casesOfRecording(report, name), flags);
  process.exitCode = exit;
}
