import { addressHex, wordHex } from '../../model/bits/index.ts';
import { type Arm64Kernel, type Stage2, stage2Of } from '../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { AddressRange } from '../../model/pkvm/index.ts';
import {
  type Arm64Anomaly,
  type Arm64Audit,
  auditArm64,
  kernelLeft,
  kernelsOf,
  ramFrom,
  ramMapped,
  readStage2,
  recordOf,
  type Records,
  type Stage2Reading,
} from '../../oracle/audit/arm64/index.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { addressIn, ramIn } from '../oracle/memory-flags.ts';
import { kernelIn, type NamedGuest, stage2GuestsIn, stage2In } from './flags.ts';

export interface Stage2AuditFlags {
  readonly host?: string;
  readonly guest?: readonly string[];
  readonly ram?: readonly string[];
  readonly vmemmap?: string;
  readonly kernel?: string;
}

/** An audit, under the kernel whose columns were used. */
export interface NamedAudit extends Arm64Audit {
  readonly kernel: Arm64Kernel;
  readonly ram: readonly AddressRange[];
  /** The kernel keeps its states in records that were not given. */
  readonly isBlind: boolean;
}

/** What the flags name, before anything is compared. */
interface Asked {
  readonly host: Stage2Reading;
  readonly guests: readonly NamedGuest[];
  readonly kernel: Arm64Kernel;
  readonly ram: readonly AddressRange[];
  readonly records: Records | undefined;
  readonly notes: readonly string[];
}

/** A quarter of a terabyte. A broken table can claim more than anybody waits for. */
const maxPages = 2n ** 26n;

type Register = (name: string) => bigint | undefined;

function asked(memory: PhysicalMemory, flags: Stage2AuditFlags, register: Register): Asked {
  const hostStage2 = flags.host === undefined ? hostOf(register) : stage2In(flags.host, '--host');
  const host = readStage2(memory, hostStage2);
  const guests = stage2GuestsIn(flags.guest);
  const vmemmap = flags.vmemmap === undefined ? undefined : addressIn(flags.vmemmap, '--vmemmap');
  const notes: string[] = [];
  const kernel = kernelIn(flags.kernel) ?? foundKernel(host, vmemmap !== undefined, notes);
  if (kernel.stateIn === 'host leaf' && vmemmap !== undefined)
    throw new CommandError(
      Exit.usage,
      `kernel ${kernel.name} keeps page states in the host's leaves: no --vmemmap`,
    );
  const ram = ramIn(flags.ram) ?? foundRam(memory, host, kernel, vmemmap, notes);
  const pages = ram.reduce((sum, { start, end }) => sum + (end - start) / 4096n, 0n);
  if (pages > maxPages)
    throw new CommandError(
      Exit.partial,
      `${pages} pages of RAM are more than the ${maxPages} that are audited at a time: name part of it with --ram START-END`,
    );
  const [first] = ram;
  const records =
    vmemmap === undefined || first === undefined ? undefined : { address: vmemmap, of: first };
  if (kernel.stateIn === 'hyp_vmemmap' && records === undefined)
    notes.push(
      `kernel ${kernel.name} keeps page states in hyp_vmemmap: without --vmemmap leaves alone were compared`,
    );
  return { host, guests, kernel, ram, records, notes };
}

/** Reads every word that the audit will need, and nothing more. */
export function gatherStage2(memory: PhysicalMemory, flags: Stage2AuditFlags, register: Register): void {
  const { guests, ram, records } = asked(memory, flags, register);
  for (const { stage2 } of guests) readStage2(memory, stage2);
  if (records === undefined) return;
  for (const { start, end } of ram)
    for (let page = start; page < end; page += recordsInPage * 4096n) recordOf(memory, records, page);
}
const recordsInPage = 512n;

/** Reads the tables that the flags name and holds them against one another. */
export function stage2Audit(
  memory: PhysicalMemory,
  flags: Stage2AuditFlags,
  register: Register,
): NamedAudit {
  const { records, notes, ...input } = asked(memory, flags, register);
  const result = auditArm64({ memory, ...input, ...(records === undefined ? {} : { records }) });
  const isBlind = input.kernel.stateIn === 'hyp_vmemmap' && records === undefined;
  return { ...result, kernel: input.kernel, ram: input.ram, isBlind, notes: [...notes, ...result.notes] };
}

/** The host's table, while the machine runs the host: its VMID is 0. */
function hostOf(register: Register): Stage2 {
  const [vttbr, vtcr] = [register('VTTBR_EL2'), register('VTCR_EL2')];
  if (vttbr === undefined || vtcr === undefined)
    throw new CommandError(Exit.usage, '--host VTTBR_EL2,VTCR_EL2 is needed');
  const result = stage2Of(vttbr, vtcr);
  if (!result.ok) throw new CommandError(Exit.badInput, `the registers of the machine: ${result.why}`);
  if (result.stage2.vmid !== 0)
    throw new CommandError(
      Exit.unknown,
      `the machine runs the guest with VMID ${result.stage2.vmid}: VTTBR_EL2 is not the host's, name that with --host`,
    );
  return result.stage2;
}

function foundKernel(host: Stage2Reading, hasVmemmap: boolean, notes: string[]): Arm64Kernel {
  const evidence = kernelsOf(host, hasVmemmap);
  const names = evidence.candidates.map(({ name }) => name);
  const kernel = kernelLeft(evidence);
  if (kernel === undefined)
    throw new CommandError(
      names.length === 0 ? Exit.badInput : Exit.unknown,
      names.length === 0
        ? `no known kernel writes such a host table: ${evidence.because.join('; ')}`
        : `the host's table can be that of kernel ${names.join(' or ')}, which differ: name it with --kernel`,
    );
  notes.push(`kernel ${names.join(' or ')}: ${evidence.because.join('; ')}`);
  return kernel;
}

function foundRam(
  memory: PhysicalMemory,
  host: Stage2Reading,
  kernel: Arm64Kernel,
  vmemmap: bigint | undefined,
  notes: string[],
): readonly AddressRange[] {
  const range = vmemmap === undefined ? ramMapped(host) : ramFrom(memory, host, kernel, vmemmap);
  if (range === undefined)
    throw new CommandError(
      Exit.unknown,
      'what is RAM cannot be told from these tables: name it with --ram START-END',
    );
  const because =
    vmemmap === undefined
      ? "from the first to the last page that the host's table annotates or maps executable"
      : "the only place where the records of hyp_vmemmap fit the host's table";
  notes.push(`RAM taken to be ${addressHex(range.start)}-${addressHex(range.end)}: ${because}`);
  return [range];
}

/** The exit code of an audit. */
export function exitOf(result: NamedAudit): ExitCode {
  const { anomalies, undecided, missing, unnamed, unrecorded, uncovered, locked, isBlind } = result;
  if (anomalies.length > 0) return Exit.forbidden;
  const isOpen = missing.length + undecided.length + unnamed.length + unrecorded + uncovered + locked > 0;
  return isOpen || isBlind ? Exit.unknown : Exit.ok;
}

const anomalyJson = ({ page, invariants, what, words }: Arm64Anomaly) => ({
  page: addressHex(page),
  invariants,
  what,
  words: words.map(({ table, at, word }) => ({ table, at: addressHex(at), word: wordHex(word) })),
});

/** The JSON object that `--json` prints. */
export const auditJson = (result: NamedAudit) => ({
  format: 'arm64-stage2',
  kernel: result.kernel.name,
  ram: result.ram.map(({ start, end }) => ({ start: addressHex(start), end: addressHex(end) })),
  owners: result.owners.map(({ start, end, owner, sharedWith }) => ({
    start: addressHex(start),
    end: addressHex(end),
    owner,
    sharedWith,
  })),
  anomalies: result.anomalies.map(anomalyJson),
  undecided: result.undecided.map(anomalyJson),
  missing: result.missing.map(({ table, page, level }) => ({ table, page: addressHex(page), level })),
  missingRecords: { pages: result.unrecorded, at: result.missingRecordPages.map(addressHex) },
  uncovered: result.uncovered,
  unnamed: result.unnamed.map(handle => addressHex(BigInt(handle))),
  locked: result.locked,
  pages: result.pages,
  leaves: result.leaves,
  notes: result.notes,
});

const maxListed = 40;

/** The lines for a person. */
export function* auditText(result: NamedAudit): Generator<string> {
  const { owners, anomalies, undecided, missing, unnamed, notes } = result;
  for (const note of notes) yield `note: ${note}`;
  for (const { start, end, owner, sharedWith } of owners.slice(0, maxListed)) {
    const pages = (end - start) / 4096n;
    const shared = sharedWith.length === 0 ? '' : `, shared with ${sharedWith.join(' and ')}`;
    const place = `${addressHex(start).padStart(14)} - ${addressHex(end).padEnd(14)}`;
    yield `${place} ${String(pages).padStart(8)} page${pages === 1n ? ' ' : 's'}  ${owner}${shared}`;
  }
  if (owners.length > maxListed) yield `and ${owners.length - maxListed} more ranges`;
  for (const { page, invariants, what, words } of anomalies.slice(0, maxListed)) {
    yield `${invariants.join(', ')}: page ${addressHex(page)}: ${what.join('; ')}`;
    for (const { table, at, word } of words)
      yield `    ${table} leaf at ${addressHex(at)}: ${wordHex(word)}`;
  }
  if (anomalies.length > maxListed) yield `and ${anomalies.length - maxListed} more anomalies`;
  for (const { page, invariants, what } of undecided.slice(0, maxListed))
    yield `unknown: ${invariants.join(', ')}: page ${addressHex(page)}: ${what.join('; ')}, as far as the tables are known`;
  for (const { table, page, level } of missing.slice(0, maxListed))
    yield `unknown: a level-${level} page of the ${table} table at ${addressHex(page)} is not in the dump`;
  yield* recordText(result);
  for (const handle of unnamed)
    yield `unknown: the host's table records guest ${addressHex(BigInt(handle))} as an owner: give --guest ${addressHex(BigInt(handle))}=VTTBR,VTCR`;
  const found =
    anomalies.length === 0
      ? 'no anomaly'
      : `${anomalies.length} anomal${anomalies.length === 1 ? 'y' : 'ies'}`;
  yield `${result.pages} pages of RAM and ${result.leaves} leaves compared, ${found}`;
}

function* recordText({ unrecorded, uncovered, missingRecordPages, locked }: NamedAudit): Generator<string> {
  const [first] = missingRecordPages;
  if (uncovered > 0)
    yield `unknown: ${uncovered} pages of RAM are covered by no leaf of the host's table that could be read`;
  if (first === undefined && unrecorded > 0)
    yield `unknown: ${unrecorded} pages lie outside the first stretch of RAM, and where their records lie is not known`;
  if (first !== undefined)
    yield `unknown: the records of ${unrecorded} pages are not in the dump, the first in the page ${addressHex(first)} (--absent zero, if the dump leaves out words that are zero)`;
  if (locked > 0)
    yield `unknown: ${locked} leaf words are held by a call in progress: stop the machine and look again`;
}
