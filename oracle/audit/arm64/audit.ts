import type { Arm64Kernel, Stage2 } from '../../../model/arm64/index.ts';
import { addressHex } from '../../../model/bits/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import type { AddressRange } from '../../../model/pkvm/index.ts';
import { claimsOf } from './claims.ts';
import { type Arm64Anomaly, type Arm64OwnedRange, Findings } from './findings.ts';
import { hostMeaningOf, isPoisoned } from './meaning.ts';
import {
  complaintsOf,
  nameOf,
  type PageEvidence,
  type Stage2Claim,
  type Surroundings,
} from './page-rules.ts';
import { readStage2, type Stage2Leaf, type Stage2Reading } from './read-stage2.ts';
import { type Records, recordOf } from './records.ts';

export interface Arm64AuditInput {
  readonly memory: PhysicalMemory;
  readonly kernel: Arm64Kernel;
  readonly host: Stage2Reading;
  readonly guests: readonly { readonly handle: number; readonly stage2: Stage2 }[];
  readonly ram: readonly AddressRange[];
  /** hyp_vmemmap; needed where the kernel keeps its states there. */
  readonly records?: Records;
}

export interface Arm64Audit {
  readonly owners: readonly Arm64OwnedRange[];
  readonly anomalies: readonly Arm64Anomaly[];
  readonly undecided: readonly Arm64Anomaly[];
  /** Pages of tables that the memory does not hold. */
  readonly missing: readonly { readonly table: string; readonly page: bigint; readonly level: number }[];
  /** Pages whose record the memory does not hold, as ranges of the pages of hyp_vmemmap. */
  readonly unrecorded: number;
  /** Pages of RAM that no leaf of the host's table covers. */
  readonly uncovered: number;
  readonly missingRecordPages: readonly bigint[];
  /** Guests that annotations name and whose tables were not given. */
  readonly unnamed: readonly number[];
  /** Leaves that a call in progress holds. */
  readonly locked: number;
  /** Pages of RAM that were held against all that speaks of them. */
  readonly pages: number;
  readonly leaves: number;
  readonly notes: readonly string[];
}

const pageBytes = 4096n;

/** Holds every page of RAM against the host's leaf, the guests' leaves and the page's record. */
export function auditArm64(input: Arm64AuditInput): Arm64Audit {
  const { memory, kernel, host, guests, ram, records } = input;
  const tables = guests.map(({ handle, stage2 }) => ({ handle, reading: readStage2(memory, stage2) }));
  const all = [
    { table: 'host', reading: host },
    ...tables.map(({ handle, reading }) => ({ table: nameOf(handle), reading })),
  ];
  const claims = claimsOf(tables, ram);
  const surroundings = surroundingsOf(kernel, host, tables);
  const evidenceOf = evidenceIn(input, claims.byPage);
  const result = new Findings(surroundings.unnamed);
  for (const { start, end } of ram)
    for (let at = start; at < end; at += pageBytes) {
      const evidence = evidenceOf(at);
      if (records !== undefined && evidence.record === undefined) result.unrecordedPage(records, at);
      result.page(evidence, complaintsOf(evidence, surroundings));
    }
  for (const [at, some] of claims.outside) result.outsideRam(at, some);
  for (const { table, reading } of all) {
    // where normal guests are not tracked, their tables are the host's
    if (table === 'host' || kernel.tracksNormalGuests)
      for (const page of reading.pages) result.tablePage(table, evidenceOf(page));
    for (const { page, at } of reading.usedTwice) result.usedTwice(table, page, at);
  }
  return {
    ...result.done(),
    missing: all.flatMap(({ table, reading }) =>
      reading.missing.map(({ page, level }) => ({ table, page, level })),
    ),
    unnamed: surroundings.unnamed,
    leaves: all.reduce((sum, { reading }) => sum + reading.leaves.length, 0),
    notes: all.flatMap(({ table, reading }) => [
      ...reservedNotes(table, reading.leaves),
      ...poisonNotes(table, reading.leaves, kernel),
    ]),
  };
}

type Tables = readonly { readonly handle: number; readonly reading: Stage2Reading }[];

function surroundingsOf(
  kernel: Arm64Kernel,
  host: Stage2Reading,
  tables: Tables,
): Surroundings & { readonly unnamed: readonly number[] } {
  const given = new Set(tables.map(({ handle }) => handle));
  const incomplete = new Set(
    tables.filter(({ reading }) => reading.missing.length > 0).map(({ handle }) => handle),
  );
  const unnamed = new Set<number>();
  for (const leaf of host.leaves) {
    const meaning = hostMeaningOf(leaf, kernel);
    if (meaning.kind === 'guest' && !given.has(meaning.handle)) unnamed.add(meaning.handle);
  }
  return {
    kernel,
    unnamed: [...unnamed].sort((a, b) => a - b),
    isIncomplete: handle =>
      handle === undefined
        ? given.size === 0 || incomplete.size > 0 || unnamed.size > 0
        : !given.has(handle) || incomplete.has(handle),
  };
}

/** Looks pages up, in the order of their addresses. */
function evidenceIn(
  { memory, kernel, host, records }: Arm64AuditInput,
  claims: ReadonlyMap<bigint, readonly Stage2Claim[]>,
): (page: bigint) => PageEvidence {
  const leaves = host.leaves.toSorted((a, b) => (a.ipa < b.ipa ? -1 : 1));
  let next = 0;
  let current: PageEvidence['host'];
  return page => {
    if (current === undefined || page >= current.leaf.ipa + current.leaf.size || page < current.leaf.ipa) {
      current = undefined;
      if (leaves[next] !== undefined && (leaves[next]?.ipa ?? 0n) > page) next = 0;
      for (let leaf = leaves[next]; leaf !== undefined && leaf.ipa <= page; leaf = leaves[++next])
        if (page < leaf.ipa + leaf.size) {
          current = { leaf, meaning: hostMeaningOf(leaf, kernel) };
          break;
        }
    }
    return {
      page,
      host: current,
      record: records === undefined ? undefined : recordOf(memory, records, page),
      claims: claims.get(page) ?? [],
    };
  };
}

function reservedNotes(table: string, leaves: readonly Stage2Leaf[]): string[] {
  const odd = leaves.find(({ reservedBits }) => reservedBits !== 0n);
  return odd === undefined
    ? []
    : [
        `a leaf of the ${table} table has reserved bits set, at ${addressHex(odd.at)}: is it the right table?`,
      ];
}

function poisonNotes(table: string, leaves: readonly Stage2Leaf[], kernel: Arm64Kernel): string[] {
  if (table === 'host') return [];
  const poisoned = leaves.filter(({ isValid, word }) => !isValid && isPoisoned(word, kernel));
  const [first] = poisoned;
  return first === undefined
    ? []
    : [
        `${poisoned.length} leaf of ${table} poisoned, the first for ${addressHex(first.ipa)}: its page was taken by force`,
      ];
}
