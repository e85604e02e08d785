import type { Arm64Kernel, Stage2 } from '../../../model/arm64/index.ts';
import { addressHex } from '../../../model/bits/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import type { AddressRange } from '../../../model/pkvm/index.ts';
import { guestStateOf, hostMeaningOf, isPoisoned, isState } from './meaning.ts';
import { complaintsOf, type PageEvidence, type Stage2Claim, type Surroundings } from './page-rules.ts';
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

/** What is wrong with one page, with every word that says so. */
export interface Arm64Anomaly {
  readonly page: bigint;
  readonly invariants: readonly string[];
  /** One sentence each. */
  readonly what: readonly string[];
  readonly words: readonly { readonly table: string; readonly at: bigint; readonly word: bigint }[];
}

export interface Arm64OwnedRange {
  readonly start: bigint;
  readonly end: bigint;
  /** `host`, `hypervisor`, `guest 0x1000`, `FF-A`, `unknown`. */
  readonly owner: string;
  readonly sharedWith: readonly string[];
}

export interface Arm64Audit {
  readonly owners: readonly Arm64OwnedRange[];
  readonly anomalies: readonly Arm64Anomaly[];
  readonly undecided: readonly Arm64Anomaly[];
  /** Pages of tables that the memory does not hold. */
  readonly missing: readonly { readonly table: string; readonly page: bigint; readonly level: number }[];
  /** Pages whose record the memory does not hold, as ranges of the pages of hyp_vmemmap. */
  readonly unrecorded: number;
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
  const claims = claimsByPage(tables);
  const surroundings = surroundingsOf(kernel, host, tables);
  const page = { evidenceOf: evidenceIn(input, claims), complaintsOf };
  const result = new Findings(surroundings.unnamed);
  for (const { start, end } of ram)
    for (let at = start; at < end; at += pageBytes) {
      const evidence = page.evidenceOf(at);
      if (records !== undefined && evidence.record === undefined) result.unrecordedPage(records, at);
      result.page(evidence, complaintsOf(evidence, surroundings));
    }
  for (const [at, some] of claims)
    if (!ram.some(({ start, end }) => at >= start && at < end)) result.outsideRam(at, some);
  const all = [
    { table: 'host', reading: host },
    ...tables.map(({ handle, reading }) => ({ table: nameOf(handle), reading })),
  ];
  return {
    ...result.done(),
    missing: all.flatMap(({ table, reading }) => reading.missing.map(missing => ({ ...missing, table }))),
    unnamed: surroundings.unnamed,
    leaves: all.reduce((sum, { reading }) => sum + reading.leaves.length, 0),
    notes: all.flatMap(({ table, reading }) => [
      ...reading.usedTwice.map(
        ({ page: twice }) => `two descriptors of the ${table} table refer to the page ${addressHex(twice)}`,
      ),
      ...reservedNotes(table, reading.leaves),
      ...poisonNotes(table, reading.leaves, kernel),
    ]),
  };
}

const nameOf = (handle: number): string => `guest ${addressHex(BigInt(handle))}`;

type Tables = readonly { readonly handle: number; readonly reading: Stage2Reading }[];

function claimsByPage(tables: Tables): ReadonlyMap<bigint, readonly Stage2Claim[]> {
  const claims = new Map<bigint, Stage2Claim[]>();
  for (const { handle, reading } of tables)
    for (const leaf of reading.leaves) {
      if (!leaf.isValid) continue;
      const state = guestStateOf(leaf.word);
      for (let offset = 0n; offset < leaf.size; offset += pageBytes) {
        const claim = { handle, ipa: leaf.ipa + offset, state, leaf };
        const page = leaf.output + offset;
        const others = claims.get(page);
        if (others === undefined) claims.set(page, [claim]);
        else others.push(claim);
      }
    }
  return claims;
}

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

/** Gathers what the pages say. */
class Findings {
  readonly owners: { start: bigint; end: bigint; owner: string; sharedWith: readonly string[] }[] = [];
  readonly anomalies: Arm64Anomaly[] = [];
  readonly undecided: Arm64Anomaly[] = [];
  readonly missingRecordPages = new Set<bigint>();
  unrecorded = 0;
  locked = 0;
  pages = 0;
  #before: PageEvidence | undefined;
  readonly #unnamed: readonly number[];

  constructor(unnamed: readonly number[]) {
    this.#unnamed = unnamed;
  }

  unrecordedPage({ address, firstPage }: Records, page: bigint): void {
    const record = address + ((page - firstPage) / pageBytes) * 8n;
    this.missingRecordPages.add(record - (record % pageBytes));
    this.unrecorded++;
  }

  page(evidence: PageEvidence, complaints: readonly ReturnType<typeof complaintsOf>[number][]): void {
    this.pages++;
    if (evidence.host?.meaning.kind === 'locked') this.locked++;
    this.#own(evidence);
    if (complaints.length === 0) return;
    for (const [isUndecided, list] of [
      [false, this.anomalies],
      [true, this.undecided],
    ] as const) {
      const some = complaints.filter(complaint => complaint.isUndecided === isUndecided);
      if (some.length === 0) continue;
      list.push({
        page: evidence.page,
        invariants: [...new Set(some.map(({ invariant }) => invariant))],
        what: some.map(({ what }) => what),
        words: wordsOf(evidence),
      });
    }
  }

  outsideRam(page: bigint, claims: readonly Stage2Claim[]): void {
    this.undecided.push({
      page,
      invariants: ['I11'],
      what: claims.map(
        ({ handle, ipa }) =>
          `${nameOf(handle)} maps it at ${addressHex(ipa)}, outside the RAM that was looked at`,
      ),
      words: wordsOf({ page, host: undefined, record: undefined, claims }),
    });
  }

  done() {
    const { owners, anomalies, undecided, unrecorded, locked, pages } = this;
    return {
      owners,
      anomalies,
      undecided,
      unrecorded,
      locked,
      pages,
      missingRecordPages: [...this.missingRecordPages],
    };
  }

  #own(evidence: PageEvidence): void {
    const last = this.owners.at(-1);
    const { host, record, claims, page } = evidence;
    const isLikeBefore =
      this.#before !== undefined &&
      claims.length === 0 &&
      this.#before.claims.length === 0 &&
      record === this.#before.record &&
      host?.meaning === this.#before.host?.meaning;
    this.#before = evidence;
    if (isLikeBefore && last?.end === page) {
      last.end += pageBytes;
      return;
    }
    const { owner, sharedWith } = ownerOf(evidence, this.#unnamed);
    const isSame =
      last?.end === evidence.page && last.owner === owner && last.sharedWith.join() === sharedWith.join();
    if (isSame) last.end += pageBytes;
    else this.owners.push({ start: evidence.page, end: evidence.page + pageBytes, owner, sharedWith });
  }
}

/** Who owns a page, by every witness, and who else may see it. */
function ownerOf(
  { host, record, claims }: PageEvidence,
  unnamed: readonly number[],
): { readonly owner: string; readonly sharedWith: readonly string[] } {
  const owners = new Set<string>();
  const sharedWith = new Set<string>();
  for (const { handle, state } of claims)
    if (state === 'SHARED_BORROWED') sharedWith.add(nameOf(handle));
    else if (record !== undefined || host?.meaning.kind === 'guest') owners.add(nameOf(handle));
    else sharedWith.add(nameOf(handle));
  const meaning = host?.meaning;
  const isReadOnly = meaning?.kind === 'mapped' && meaning.isReadOnly;
  if (meaning?.kind === 'guest') owners.add(nameOf(meaning.handle));
  if (meaning?.kind === 'hypervisor') owners.add('hypervisor');
  if (meaning?.kind === 'ffa') owners.add('FF-A');
  if (meaning?.kind === 'lazy' || meaning?.kind === 'mapped') {
    const state =
      record === undefined
        ? meaning.kind === 'mapped'
          ? meaning.state
          : 'OWNED'
        : recordedName(record.host);
    if (state === 'SHARED_BORROWED') {
      sharedWith.add('host');
      if (record === undefined) owners.add('hypervisor'); // normal guests are not tracked: only it lends
    } else if (state === 'NOPAGE' && isReadOnly) sharedWith.add('host (read only)');
    else if (state !== 'NOPAGE') owners.add('host');
  }
  if (record !== undefined && isState(record.hyp, 'OWNED')) owners.add('hypervisor');
  if (record !== undefined && isState(record.hyp, 'SHARED_BORROWED')) sharedWith.add('hypervisor');
  if (owners.size === 0 && sharedWith.has('host') && unnamed.length > 0) owners.add('a guest not given');
  return { owner: owners.size === 0 ? 'unknown' : [...owners].join(' and '), sharedWith: [...sharedWith] };
}

const recordedName = (state: number): string =>
  (['OWNED', 'SHARED_OWNED', 'SHARED_BORROWED', 'NOPAGE'] as const)[state] ?? 'NOPAGE';

function wordsOf({ host, claims }: PageEvidence): Arm64Anomaly['words'] {
  return [
    ...(host === undefined ? [] : [{ table: 'host', at: host.leaf.at, word: host.leaf.word }]),
    ...claims.map(({ handle, leaf }) => ({ table: nameOf(handle), at: leaf.at, word: leaf.word })),
  ];
}
