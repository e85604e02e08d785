import { readFileSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { checkTrace, type TraceFormat, traceFormats, type TraceReport } from '../../oracle/trace/index.ts';
import { type ByteSource, bytesOf, linesOf } from '../../evidence/dumps/index.ts';
import { FileSource } from '../../evidence/node/file-source.ts';
import { printkSnippet } from '../../evidence/logs/printk.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { peeked, reportRecording } from './check-recording.ts';
import {
  type ImplementationFlags,
  implementationOf,
  withImplementationOption,
  withSilentSteps,
} from './implementation.ts';
import { reportJson } from './report-json.ts';
import { reportText } from './report-text.ts';

interface Flags extends ImplementationFlags {
  readonly from?: TraceFormat;
  readonly silent: string;
  readonly explainImplementations?: true;
  /** What `--explain-implementations` was called before. */
  readonly explainDialects?: true;
  readonly stopAtFirst?: true;
  readonly snippet?: true;
  readonly json?: true;
}

const help = `
TRACE is recognised by content: requests of "oracle serve" or sequences of calls, one JSON object a line; or the text of
ftrace, trace-cmd report, perf script or the kernel log with kvm events and lines of our own for calls:
  pagewarden: seq=12 host_share_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7 ret=0
Recordings with the state after each call (pkvm-2026-record/1) are held against the code that counts: --implementation
x86-2026 (as built), x86-2026-strict.
--snippet prints the C that makes an implementation log them.

Output of --json: {"format", "lines", "passed", "unparsed": {"count", "first"}, "summary", "coverage", "forbidden":
[{"line", "text", "verdict", "rule", "says", "source", "why", "allowed", "differences", "resync", "reproduction",
"dialects"}], "unknown": […], "more", "exit"}. The exit code is ${Exit.forbidden} if anything was forbidden, ${Exit.badInput} if a line of a
JSON trace or no line at all was understood, ${Exit.unknown} if anything was unknown or nothing was checked (an empty trace), else ${Exit.ok}.`;

export const checkCommand = (): Command =>
  withImplementationOption(
    new Command('check').description('Holds a recorded trace against the specification'),
  )
    .argument('[trace]', 'the file; - is standard input')
    .addOption(
      new Option('--from <format>', 'the form of the trace, recognised otherwise').choices(traceFormats),
    )
    .option('--silent <n>', 'how many calls that nobody logged may lie between two events, 0 to 3', '0')
    .option(
      '--explain-implementations',
      'hold what is forbidden against every implementation and say which allows it',
    )
    .addOption(new Option('--explain-dialects', 'the old name of --explain-implementations').hideHelp())
    .option('--stop-at-first', 'stop at the first forbidden event')
    .option('--snippet', 'print the C to paste into an implementation, and nothing else')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action((trace: string | undefined, flags: Flags) => {
      if (flags.snippet === true) {
        process.stdout.write(printkSnippet);
        return;
      }
      if (trace === undefined) throw new CommandError(Exit.usage, 'which trace? Name a file');
      const lines = peeked(linesOf(openTrace(trace)));
      if (reportRecording({ name: trace, ...lines }, flags)) return;
      const report = check(lines.all, flags);
      assertIsTrace(report, trace);
      const exit = exitOf(report);
      if (flags.json === true) console.log(JSON.stringify({ ...reportJson(report), exit }, undefined, 2));
      else for (const line of reportText(report, trace)) console.log(line);
      process.exitCode = exit;
    });

function check(lines: Iterable<string>, flags: Flags): TraceReport {
  const silent = Number(flags.silent);
  if (!Number.isInteger(silent) || silent < 0 || silent > 3)
    throw new CommandError(Exit.usage, `--silent is 0 to 3, not ${flags.silent}`);
  return checkTrace(lines, {
    implementation: withSilentSteps(implementationOf(flags), silent),
    ...(flags.from === undefined ? {} : { format: flags.from }),
    explainImplementations: flags.explainImplementations === true || flags.explainDialects === true,
    stopAtFirst: flags.stopAtFirst === true,
  });
}

/** The trace as a source of bytes: `-` is standard input; what is no file (a pipe) is read to its end first. */
function openTrace(path: string): ByteSource {
  try {
    return path !== '-' && statSync(path).size > 0
      ? new FileSource(path)
      : bytesOf(readFileSync(path === '-' ? 0 : path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(Exit.badInput, `${path}: ${why}`);
  }
}

/** A log of which no line is understood is none: a binary file above all. What is empty is a trace of nothing. */
function assertIsTrace({ format, lines, passed, unparsed, summary }: TraceReport, name: string): void {
  const [first] = unparsed.first;
  if (format === 'json' || first === undefined || passed > 0 || summary.events > 0) return;
  throw new CommandError(
    Exit.badInput,
    `${name}: not a trace: none of its ${lines} lines is understood (line ${first.line}: ${first.why}); of a binary recording give what trace-cmd report or perf script prints`,
  );
}

function exitOf({ summary, unparsed, format }: TraceReport): ExitCode {
  if (summary.forbidden > 0) return Exit.forbidden;
  if (format === 'json' && unparsed.count > 0) return Exit.badInput;
  const checked = summary.allowed;
  return summary.unknown > 0 || checked === 0 ? Exit.unknown : Exit.ok;
}
