import { Command, Option } from 'commander';
import { addressHex, wordHex } from '../model/bits/index.ts';
import {
  audit,
  type Audit,
  auditCounted,
  type CountedAudit,
  type RecordArray,
} from '../oracle/audit/index.ts';
import * as stage2 from './arm64/audit.ts';
import type { Stage2AuditFlags } from './arm64/audit.ts';
import { type TableFormat, tableFormats } from './arm64/flags.ts';
import { printLines } from './colour.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { type Memory, type MemoryFlags, overMemory, withMemoryOptions } from './live/memory.ts';
import { casesOfAudit, type Found } from './report/from-audit.ts';
import { isForPeople, printReport, type ReportFlags, withReportOption } from './report/option.ts';
import { addressIn, guestsIn, ramIn } from './oracle/memory-flags.ts';

interface Flags extends Stage2AuditFlags, MemoryFlags, Omit<ReportFlags, 'json'> {
  readonly format: TableFormat;
  readonly hostEpt?: string;
  readonly records?: string;
  readonly json?: true;
}

const help = `
Reads every table from physical memory and holds them against one another: who owns what, and what no sequence of
allowed calls leads to, by the invariants I1 to I14. Of code that counts, give --records: then records and leaves are held
against one another, by J1 to J6. A dump that was taken while the machine ran may be torn: take it
stopped. Where the dump does not hold a page of a table, the command that fetches it is printed.

Output of --json: {"owners": [{"start", "end", "owner", "sharedWith"}], "anomalies": [{"invariant", "start", "end", "what",
"words": [{"table", "at", "word"}]}], "undecided", "missing": [{"table", "page", "level", "fetch"}], "unnamed", "leaves", "notes"}. The exit
code is ${Exit.forbidden} if there are anomalies, ${Exit.unknown} if a page or a guest's table is missing or the host's is empty, else ${Exit.ok}.`;

export const auditCommand = (): Command =>
  withReportOption(withMemoryOptions(new Command('audit')))
    .description(
      "Reads the host's and the guests' tables, from a dump or a running machine, and checks who owns what",
    )
    .addOption(new Option('--format <format>', 'whose tables').choices(tableFormats).default('ept'))
    .option('--host-ept <eptp>', "ept: the host's EPTP")
    .option(
      '--host <vttbr,vtcr>',
      "arm64-stage2: the host's VTTBR_EL2 and VTCR_EL2; with --gdb those of the machine",
    )
    .option('--guest <id=root...>', 'a guest: its owner id and EPTP, or HANDLE=VTTBR,VTCR')
    .option('--vmemmap <address>', 'arm64-stage2: where hyp_vmemmap lies')
    .option('--kernel <version>', 'arm64-stage2: 6.1, 6.12, 6.17 or 7.3; otherwise what the words say')
    .option('--ram <start-end...>', 'what is RAM: without it, unmapped pages may be no memory at all')
    .option(
      '--records <address[,page[,bytes]]>',
      'ept, of code that counts: where its array of page records lies, of which page the first is (0x0), and how many bytes apart they are (8)',
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action((flags: Flags) => (flags.format === 'arm64-stage2' ? auditStage2(flags) : auditEpt(flags)));

async function auditEpt(flags: Flags): Promise<void> {
  if (flags.hostEpt === undefined) throw new CommandError(Exit.usage, '--host-ept EPTP is needed');
  const hostEptp = addressIn(flags.hostEpt, '--host-ept');
  const guests = guestsIn(flags.guest);
  const ram = ramIn(flags.ram);
  const records = recordsIn(flags.records);
  if (records !== undefined && ram === undefined)
    throw new CommandError(Exit.usage, '--records needs --ram START-END: records are of pages of RAM');
  const { result, memory } = await overMemory(flags, 'i386:x86-64', (at): Audit | CountedAudit =>
    records === undefined || ram === undefined
      ? audit({ memory: at, hostEptp, guests, ...(ram === undefined ? {} : { ram }) })
      : auditCounted({ memory: at, hostEptp, guests, ram, records }),
  );
  if (flags.json === true) console.log(JSON.stringify(auditJson(result, memory), undefined, 2));
  else if (isForPeople(flags)) printLines(auditText(result, memory));
  process.exitCode = exitOf(result);
  printReport('audit', casesOfAudit(result, exitOf(result), flags.mem?.[0]), flags);
}

/** `--records 0x10000000`, `0x10000000,0x100000`, `0x10000000,0x0,0x10`. */
function recordsIn(text: string | undefined): RecordArray | undefined {
  if (text === undefined) return undefined;
  const [address = '', first = '0x0', stride = '0x8', ...more] = text.split(',');
  const flag = '--records ADDRESS[,PAGE[,BYTES]]';
  const records = {
    address: addressIn(address, flag),
    first: addressIn(first, flag),
    stride: addressIn(stride, flag),
  };
  const isOdd = records.address % 8n !== 0n || records.first % 4096n !== 0n || records.stride % 8n !== 0n;
  if (more.length > 0 || isOdd || records.stride === 0n)
    throw new CommandError(Exit.usage, `${flag}: words of 8 bytes and whole pages, not ${text}`);
  return records;
}

async function auditStage2(flags: Flags): Promise<void> {
  const { result, memory } = await overMemory(
    flags,
    'aarch64',
    (at, register) => stage2.stage2Audit(at, flags, register),
    {
      registers: ['VTTBR_EL2', 'VTCR_EL2'],
      gather: (at, register) => stage2.gatherStage2(at, flags, register),
    },
  );
  const notes = [...memory.notes, ...result.notes];
  if (flags.json === true)
    console.log(JSON.stringify({ ...stage2.auditJson(result), notes }, undefined, 2));
  else if (isForPeople(flags)) printLines(stage2.auditText({ ...result, notes }));
  process.exitCode = stage2.exitOf(result);
  printReport('audit', casesOfAudit(spans(result), stage2.exitOf(result), flags.mem?.[0]), flags);
}

/** The findings of pages as those of ranges. */
function spans({ anomalies, undecided }: Pick<stage2.NamedAudit, 'anomalies' | 'undecided'>): Found {
  const spanOf = ({ page, invariants, what }: (typeof anomalies)[number]): Found['anomalies'][number] => ({
    invariant: invariants.join(' '),
    start: page,
    end: page + 4096n,
    what: what.join('; '),
  });
  return { anomalies: anomalies.map(spanOf), undecided: undecided.map(spanOf) };
}

function exitOf(result: Audit | CountedAudit): ExitCode {
  const { anomalies, undecided, missing, unnamed } = result;
  if (anomalies.length > 0) return Exit.forbidden;
  if (result.isHostEmpty) return Exit.unknown;
  if ('unrecorded' in result && result.unrecorded.pages > 0) return Exit.unknown;
  return missing.length > 0 || unnamed.length > 0 || undecided.length > 0 ? Exit.unknown : Exit.ok;
}

const tableName = (table: 'host' | number): string => (table === 'host' ? 'host' : `guest ${table}`);

const range = ({ start, end }: { readonly start: bigint; readonly end: bigint }) => ({
  start: addressHex(start),
  end: addressHex(end),
});

const anomalyJson = ({ invariant, what, words, ...place }: Audit['anomalies'][number]) => ({
  invariant,
  ...range(place),
  what,
  words: words.map(({ table, at, word }) => ({ table, at: addressHex(at), word: wordHex(word) })),
});

function auditJson(result: Audit | CountedAudit, dump: Memory) {
  const { owners, anomalies, undecided, missing, unnamed, leaves } = result;
  return {
    ...('unrecorded' in result && {
      unrecorded: {
        pages: result.unrecorded.pages,
        first: result.unrecorded.first === undefined ? null : addressHex(result.unrecorded.first),
      },
    }),
    isHostEmpty: result.isHostEmpty,
    owners: owners.map(({ owner, sharedWith, ...place }) => ({ ...range(place), owner, sharedWith })),
    anomalies: anomalies.map(anomalyJson),
    undecided: undecided.map(anomalyJson),
    missing: missing.map(({ table, page, level }) => ({
      table,
      page: addressHex(page),
      level,
      fetch: dump.fetch(page),
    })),
    unnamed,
    leaves,
    notes: dump.notes,
  };
}

const span = (start: bigint, end: bigint): string =>
  `${addressHex(start).padStart(14)} - ${addressHex(end).padEnd(14)}`;

const maxListed = 40;

function* auditText(result: Audit | CountedAudit, dump: Memory): Generator<string> {
  const { owners, anomalies, undecided, missing, unnamed, leaves } = result;
  for (const note of dump.notes) yield `note: ${note}`;
  for (const { start, end, owner, sharedWith } of owners.slice(0, maxListed)) {
    const pages = (end - start) / 4096n;
    const shared = sharedWith.length === 0 ? '' : `, shared with ${sharedWith.join(' and ')}`;
    yield `${span(start, end)} ${String(pages).padStart(8)} page${pages === 1n ? ' ' : 's'}  ${owner}${shared}`;
  }
  if (owners.length > maxListed) yield `and ${owners.length - maxListed} more ranges`;
  for (const { invariant, start, end, what, words } of anomalies.slice(0, maxListed)) {
    yield `${invariant}: ${addressHex(start)} - ${addressHex(end)}: ${what}`;
    for (const { table, at, word } of words)
      yield `    ${tableName(table)} leaf at ${addressHex(at)}: ${wordHex(word)}`;
  }
  if (anomalies.length > maxListed) yield `and ${anomalies.length - maxListed} more anomalies`;
  for (const { invariant, start, end, what } of undecided.slice(0, maxListed))
    yield `unknown: ${invariant}: ${addressHex(start)} - ${addressHex(end)}: ${what}, as far as the guests' tables are known`;
  for (const { table, page, level } of missing.slice(0, maxListed))
    yield `unknown: a level-${level} page of the ${tableName(table)} table at ${addressHex(page)} is not in the dump; fetch it: ${dump.fetch(page)}`;
  if ('unrecorded' in result && result.unrecorded.pages > 0)
    yield `unknown: the records of ${result.unrecorded.pages} pages are not in the dump, that of ${addressHex(result.unrecorded.first ?? 0n)} the first (--absent zero, if the dump leaves out words that are zero)`;
  for (const id of unnamed)
    yield `unknown: the host EPT records guest ${id} as an owner: give --guest ${id}=EPTP`;
  if (result.isHostEmpty) yield 'unknown: every entry of the host EPT is 0: is --host-ept the right EPTP?';
  const found =
    anomalies.length === 0
      ? 'no anomaly'
      : `${anomalies.length} anomal${anomalies.length === 1 ? 'y' : 'ies'}`;
  if (leaves === 0) yield 'no leaf could be read: nothing was checked';
  else yield `${leaves} leaves read${result.isHostEmpty ? ': nothing was checked' : `, ${found}`}`;
}
