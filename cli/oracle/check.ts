import { createReadStream } from 'node:fs';
import { Command, Option } from 'commander';
import {
  TraceChecker,
  type TraceFormat,
  traceFormats,
  type TraceReport,
} from '../../oracle/trace/index.ts';
import { EncodingError, inputLines } from '../../evidence/node/lines.ts';
import { snippets, type SnippetVariant, snippetVariants } from '../../suites/snippet.ts';
import { printLines } from '../colour.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { interruption } from '../interruption.ts';
import { lineProgress } from '../progress.ts';
import { isProcessorRecord } from '../../oracle/processor/index.ts';
import { reportProcessor } from './check-processor.ts';
import { isRecording, reportRecording } from './check-recording.ts';
import {
  type ImplementationFlags,
  implementationOf,
  withImplementationOption,
  withSilentSteps,
} from './implementation.ts';
import { casesOfTrace } from '../report/from-trace.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from '../report/option.ts';
import { reportJson } from './report-json.ts';
import { reportText } from './report-text.ts';

interface Flags extends ImplementationFlags, Omit<ReportFlags, 'json'> {
  readonly json?: true;
  readonly from?: TraceFormat;
  readonly silent: string;
  readonly explainImplementations?: true;
  /** What `--explain-implementations` was called before. */
  readonly explainDialects?: true;
  readonly stopAtFirst?: true;
  readonly snippet?: SnippetVariant | true;
}

const help = `
TRACE is recognised by content: requests of "oracle serve" or sequences of calls, one JSON object a line; or the text of
ftrace, trace-cmd report, perf script or the kernel log with kvm events and lines of our own for calls:
  pagewarden: seq=12 host_share_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7 ret=0
Recordings with the state after each call are held against the code that counts: pkvm-2026-record/1 against
--implementation x86-2026 (as built) or x86-2026-strict, pkvm-arm64-live-record/1 against arm64-mainline or arm64-6.12.
What the hypervisor of "suite spp-walk --format boot" printed is held against the walk, and differences are grouped by the
reading or fault under which they disappear.
--snippet prints the C that makes an implementation log them.

Output of --json: {"format", "lines", "passed", "unparsed": {"count", "first"}, "damaged", "limits", "summary", "coverage",
"forbidden": [{"line", "text", "name", "verdict", "rule", "says", "source", "why", "allowed", "differences", "resync",
"reproduction", "dialects"}], "unknown": […], "more", "groups": [{"rule", "name", "difference", "count", "lines"}], "exit"}.
The exit code is ${Exit.forbidden} if anything was forbidden; else ${Exit.badInput} if a line that was meant for us (one of ours in a log, any of a
JSON trace) could not be read, or no line was understood; else ${Exit.partial} if a limit was hit or the check was interrupted; else
${Exit.unknown} if anything was unknown, a line was not understood or nothing was checked; else ${Exit.ok}.`;

export const checkCommand = (): Command =>
  withImplementationOption(
    withReportOption(new Command('check').description('Holds a recorded trace against the specification')),
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
    .addOption(
      new Option(
        '--snippet [where]',
        'print the C to paste into an implementation, and nothing else: for a kernel, for user space, or into a ring of records',
      )
        .choices(snippetVariants)
        .preset('kernel'),
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (trace: string | undefined, flags: Flags) => {
      if (flags.snippet !== undefined) {
        process.stdout.write(snippets[flags.snippet === true ? 'kernel' : flags.snippet]);
        return;
      }
      if (trace === undefined) throw new CommandError(Exit.usage, 'which trace? Name a file');
      const signal = interruption();
      const forPeople = isForPeople(flags);
      const report = await check(trace, flags, signal);
      if ('recording' in report) return reportRecording({ name: trace, lines: report.recording }, flags);
      if ('processor' in report) return reportProcessor(report.processor, trace, flags);
      assertIsTrace(report, trace);
      const exit = exitOf(report, signal.aborted);
      if (flags.json === true) console.log(JSON.stringify({ ...reportJson(report), exit }, undefined, 2));
      else if (forPeople) printLines(reportText(report, trace));
      printReport('oracle check', casesOfTrace(report, trace, signal.aborted), flags);
      process.exitCode = exit;
    });

/** The report on a trace; of a recording or a processor's record, which are held against other code, its lines. */
async function check(
  trace: string,
  flags: Flags,
  signal: AbortSignal,
): Promise<
  TraceReport | { readonly recording: readonly string[] } | { readonly processor: readonly string[] }
> {
  const silent = Number(flags.silent);
  if (!Number.isInteger(silent) || silent < 0 || silent > 3)
    throw new CommandError(Exit.usage, `--silent is 0 to 3, not ${flags.silent}`);
  let recording: string[] | undefined;
  let processor: string[] | undefined;
  let checker: TraceChecker | undefined;
  const begin = (): TraceChecker =>
    new TraceChecker({
      implementation: withSilentSteps(implementationOf(flags), silent),
      ...(flags.from === undefined ? {} : { format: flags.from }),
      explainImplementations: flags.explainImplementations === true || flags.explainDialects === true,
    });
  const progress = lineProgress(`oracle check ${trace}`, flags.json === true);
  const input = trace === '-' ? process.stdin : createReadStream(trace, { highWaterMark: chunkBytes });
  const stop = (): void => void input.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let blank = 0;
  try {
    for await (const lines of inputLines(input)) {
      // what prints a processor's record greets first, unlike what writes the other forms
      if (
        checker === undefined &&
        recording === undefined &&
        lines.some(({ text }) => isProcessorRecord(text))
      )
        processor ??= Array.from({ length: blank }, () => '');
      for (const line of lines) {
        if (processor !== undefined) {
          processor.push(line.text);
          continue;
        }
        if (recording === undefined && checker === undefined) {
          if (line.text.trim() === '' && line.tooLong === undefined) {
            blank++;
            continue;
          }
          if (isRecording(line.text)) recording = Array.from({ length: blank }, () => '');
          else checker = begin();
          for (let i = 0; i < blank; i++) checker?.line({ text: '' });
        }
        recording?.push(line.text);
        checker?.line(line);
        if (flags.stopAtFirst === true && checker?.hasForbidden === true) return checker.report();
      }
      progress.show(checker?.lines ?? processor?.length ?? 0);
    }
  } catch (error) {
    const isOurs = error instanceof EncodingError || (error instanceof Error && 'syscall' in error);
    if (!isOurs && !signal.aborted) throw error;
    if (isOurs) throw new CommandError(Exit.badInput, `${trace}: ${error.message}`);
  } finally {
    progress.clear();
    input.destroy();
  }
  if (processor !== undefined) return { processor };
  return recording === undefined ? (checker ?? begin()).report() : { recording };
}

/** How much of a file is read at a time. */
const chunkBytes = 1_048_576;

/** A log of which no line is understood is none: a binary file above all. What is empty is a trace of nothing. */
function assertIsTrace({ format, lines, passed, unparsed, summary }: TraceReport, name: string): void {
  const [first] = unparsed.first;
  if (format === 'json' || first === undefined || passed > 0 || summary.events > 0) return;
  throw new CommandError(
    Exit.badInput,
    `${name}: not a trace: none of its ${lines} lines is understood (line ${first.line}: ${first.why}); of a binary recording give what trace-cmd report or perf script prints`,
  );
}

function exitOf({ summary, unparsed, damaged, limits }: TraceReport, isInterrupted: boolean): ExitCode {
  if (summary.forbidden > 0) return Exit.forbidden;
  if (damaged > 0) return Exit.badInput;
  if (isInterrupted || limits.length > 0) return Exit.partial;
  const isOpen = summary.unknown > 0 || unparsed.count > 0 || summary.allowed === 0;
  return isOpen ? Exit.unknown : Exit.ok;
}
