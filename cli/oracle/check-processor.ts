import { addressHex } from '../../model/bits/index.ts';
import {
  checkProcessor,
  type DifferenceGroup,
  type ProcessorReport,
} from '../../oracle/processor/index.ts';
import { Exit, type ExitCode } from '../exit.ts';
import { casesOfProcessor } from '../report/from-record.ts';
import { isForPeople, printReport, type ReportFlags } from '../report/option.ts';

/** The exit code of a processor's record. */
export function exitOfProcessor({ groups, unparsed, problems, end, entries }: ProcessorReport): ExitCode {
  if (groups.length > 0) return Exit.forbidden;
  if (unparsed.length > 0) return Exit.badInput;
  return problems.length > 0 || end === undefined || entries === 0 ? Exit.unknown : Exit.ok;
}

/** Holds a processor's record against the specification and prints the report. */
export function reportProcessor(lines: readonly string[], name: string, flags: ReportFlags): void {
  const report = checkProcessor(lines);
  const exit = exitOfProcessor(report);
  if (flags.json === true) console.log(JSON.stringify({ ...processorJson(report), exit }, undefined, 2));
  else if (isForPeople(flags)) for (const line of processorText(report, name)) console.log(line);
  printReport('oracle check', casesOfProcessor(report, name), flags);
  process.exitCode = exit;
}

const causesOf = ({ causes }: DifferenceGroup): string => causes.map(({ name }) => name).join(' with ');

/** The report as one JSON object; a contract. */
export function processorJson({ processor, groups, ...report }: ProcessorReport): Record<string, unknown> {
  return {
    format: 'intel-machine-record/1',
    processor: processor && {
      cpuid1: addressHex(processor.cpuid1),
      maxphyaddr: processor.maxphyaddr,
      secondaryControls: addressHex(processor.secondaryControls),
      eptVpidCap: addressHex(processor.eptVpidCap),
      cases: processor.cases,
    },
    ...report,
    groups: groups.map(group => ({
      causes: group.causes.map(({ name, about, source, isReading }) => ({
        name,
        about,
        source,
        isReading,
      })),
      count: group.entries.length,
      contradicted: group.contradicted,
      entries: group.entries.map(({ line, entry, differences }) => ({ line, id: entry.id, differences })),
    })),
  };
}

/** The report for a person, line by line. */
export function* processorText(report: ProcessorReport, name: string): Generator<string> {
  const { processor, entries, agree, groups, unparsed, problems, end } = report;
  for (const { line, why } of unparsed.slice(0, 5)) yield `${name}:${line}: not understood: ${why}`;
  for (const problem of problems) yield `${name}: the test hypervisor says: ${problem}`;
  if (processor !== undefined)
    yield `processor ${addressHex(processor.cpuid1)}, ${processor.maxphyaddr} address bits, IA32_VMX_EPT_VPID_CAP ${addressHex(processor.eptVpidCap)}`;
  for (const group of groups) yield* groupText(group, name);
  const differ = entries - agree;
  yield `${entries} VM entries: ${agree} as specified, ${differ} not${differ > 0 ? `, in ${groups.length} groups` : ''}; ${unparsed.length} lines not understood`;
  for (const [why, count] of Object.entries(end?.leftOut ?? {}))
    if (count > 0) yield `left out: ${count} ${reasons[why] ?? why}`;
  if (end === undefined) yield 'the record breaks off: what comes after is unknown';
  else if (entries === 0) yield 'nothing was checked: that is not a pass';
}

const reasons: Readonly<Record<string, string>> = {
  control: 'that need a VM-execution control which this processor lacks',
  width: 'made for fewer address bits than this processor has',
};

function* groupText(group: DifferenceGroup, name: string): Generator<string> {
  const { causes, entries, contradicted } = group;
  const [first, ...others] = entries;
  const why =
    causes.length === 0 ? 'nothing known explains them' : `they disappear under ${causesOf(group)}`;
  yield `${entries.length} differ: ${why}`;
  for (const { about, source, isReading } of causes)
    yield `  ${isReading ? 'another reading' : 'a fault'}: ${about} (${source})`;
  if (contradicted > 0) yield `  under it ${contradicted} others would differ that agree`;
  if (first === undefined) return;
  yield `  ${name}:${first.line}: ${first.entry.id}`;
  for (const { at, observed, allowed } of first.differences)
    yield `    ${at}: was ${observed}, must be ${allowed}`;
  if (others.length > 0)
    yield `  also ${others
      .slice(0, 3)
      .map(({ entry }) => entry.id)
      .join(', ')}${others.length > 3 ? ', …' : ''}`;
}
