import {
  checkRecording,
  countedImplementationNamed,
  recordingFormatOf,
  type RecordingReport,
} from '../../oracle/counted/index.ts';

/** Holds the lines of a recording against an implementation that is known. */
export function judgedLines(lines: readonly string[], name: string): RecordingReport {
  const format = recordingFormatOf(lines[0] ?? '');
  const implementation = countedImplementationNamed(name);
  if (format === undefined || implementation === undefined)
    throw new RangeError(`no recording for ${name}`);
  return checkRecording(lines, format, implementation);
}
