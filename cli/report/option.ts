import { type Command, Option } from 'commander';
import { CommandError, Exit } from '../exit.ts';
import { toGithub } from './github.ts';
import { toJunit } from './junit.ts';
import type { Case } from './report.ts';
import { toSarif } from './sarif.ts';
import { toTap } from './tap.ts';

const forms = { junit: toJunit, sarif: toSarif, github: toGithub, tap: toTap } as const;
export type Form = keyof typeof forms;

export interface ReportFlags {
  readonly report?: Form;
  readonly json?: boolean | undefined;
}

/** `--report`, for the tools that gate merges: the same option on every command that judges. */
export const withReportOption = (command: Command): Command =>
  command.addOption(
    new Option('--report <form>', 'print a report for a pipeline instead of text (docs/ci.md)').choices(
      Object.keys(forms),
    ),
  );

/** Whether text for people is wanted. @throws CommandError where two forms are asked for at once. */
export function isForPeople({ report, json }: ReportFlags): boolean {
  if (report !== undefined && json === true)
    throw new CommandError(Exit.usage, '--json and --report are two forms of one output: choose one');
  return report === undefined && json !== true;
}

/** Prints the report where one was asked for. */
export function printReport(command: string, cases: readonly Case[], { report }: ReportFlags): void {
  if (report !== undefined) console.log(forms[report]({ tool: `pagewarden ${command}`, cases }));
}
