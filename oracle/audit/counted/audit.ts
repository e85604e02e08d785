import type { PhysicalMemory } from '../../../model/memory/index.ts';
import {
  CountedOwner,
  CountedState,
  leafValue,
  type PageRecord,
} from '../../../model/pkvm/counted/index.ts';
import type { AddressRange } from '../../../model/pkvm/index.ts';
import type { Anomaly } from '../anomalies.ts';
import type { Audit, OwnedRange } from '../audit.ts';
import type { MissingTable } from '../read-pages.ts';
import { isEmpty, readTable, type TableLeaf, type TableReading } from '../read-table.ts';
import type { PageClaim } from './page.ts';
import { faultsOf } from './page-rules.ts';
import { type RecordArray, recordIn } from './records.ts';

const PAGE = 0x1000n;

export interface CountedAuditInput {
  readonly memory: PhysicalMemory;
  readonly hostEptp: bigint;
  readonly guests: readonly { readonly id: number; readonly eptp: bigint }[];
  readonly ram: readonly AddressRange[];
  readonly records: RecordArray;
}

/** The same as an audit of tables, with the pages whose records the memory does not hold. */
export interface CountedAudit extends Audit {
  /** How many pages, and the first of them. */
  readonly unrecorded: { readonly pages: number; readonly first: bigint | undefined };
}

interface GuestTable {
  readonly id: number;
  readonly reading: TableReading;
}

/** Reads tables and records and holds them against one another: J1 to J6 of facts/pkvm-2026.md 4. */
export function auditCounted(input: CountedAuditInput): CountedAudit {
  const host = readTable(input.memory, input.hostEptp);
  const guests = input.guests.map(({ id, eptp }) => ({ id, reading: readTable(input.memory, eptp) }));
  const claims = claimsOf(guests);
  const found: Anomaly[] = [];
  const owners: MutableRange[] = [];
  const unrecorded = { pages: 0, first: undefined as bigint | undefined };
  const isIncomplete = guests.length === 0 || guests.some(({ reading }) => reading.missing.length > 0);
  const leafAt = hostLeaves(host);
  for (const { start, end } of input.ram)
    for (let page = start; page < end; page += PAGE) {
      const record = recordIn(input.memory, input.records, page);
      if (record === undefined) {
        unrecorded.pages++;
        unrecorded.first ??= page;
        continue;
      }
      const own = claims.get(page) ?? [];
      const leaf = leafAt(page);
      const audited = { page, record, host: leaf, claims: own, isIncomplete };
      for (const one of faultsOf(audited))
        join(found, { ...one, start: page, end: page + PAGE, words: wordsOf(leaf, own) });
      addOwner(owners, page, record, own);
    }
  found.push(...kindFaults(guests), ...foreignFaults(claims, input.ram));
  const tables = [{ id: 'host' as const, reading: host }, ...guests];
  const isHostEmpty = isEmpty(host);
  return {
    owners,
    anomalies: found.filter(({ isUndecided }) => !isUndecided && !isHostEmpty),
    undecided: found.filter(({ isUndecided }) => isUndecided || isHostEmpty),
    isHostEmpty,
    missing: tables.flatMap(({ id, reading }) =>
      reading.missing.map((page): MissingTable & { table: 'host' | number } => ({ ...page, table: id })),
    ),
    unnamed: [],
    leaves: tables.reduce((sum, { reading }) => sum + reading.leaves.length, 0),
    unrecorded,
  };
}

const stateOf = ({ word }: TableLeaf): CountedState => leafValue(word).pageState;

function claimsOf(guests: readonly GuestTable[]): ReadonlyMap<bigint, readonly PageClaim[]> {
  const claims = new Map<bigint, PageClaim[]>();
  for (const { id, reading } of guests)
    for (const leaf of reading.leaves) {
      if (!leaf.isPresent || leaf.misconfigured !== undefined) continue;
      for (let at = 0n; at < leaf.size; at += PAGE) {
        const page = leaf.page + at;
        const known = claims.get(page) ?? [];
        claims.set(page, known);
        known.push({ vm: id, leaf, state: stateOf(leaf) });
      }
    }
  return claims;
}

/** The host's leaf of a page; asked in ascending order, so that the leaves are gone through once. */
function hostLeaves({ leaves }: TableReading): (page: bigint) => TableLeaf | undefined {
  const sorted = [...leaves].sort((a, b) => (a.gpa < b.gpa ? -1 : 1));
  let at = 0;
  return page => {
    if ((sorted[at]?.gpa ?? 0n) > page) at = 0;
    while (at < sorted.length - 1 && (sorted[at + 1]?.gpa ?? 0n) <= page) at++;
    const leaf = sorted[at];
    if (leaf === undefined || page < leaf.gpa || page >= leaf.gpa + leaf.size) return undefined;
    return leaf.isPresent ? { ...leaf, page: leaf.page + (page - leaf.gpa) } : leaf;
  };
}

const wordsOf = (host: TableLeaf | undefined, claims: readonly PageClaim[]): Anomaly['words'] => [
  ...(host === undefined ? [] : [{ table: 'host' as const, at: host.at, word: host.word }]),
  ...claims.map(({ vm, leaf }) => ({ table: vm, at: leaf.at, word: leaf.word })),
];

/** What is wrong with pages that follow one another in the same way is said once. */
function join(found: Anomaly[], next: Anomaly): void {
  const at = found.findLastIndex(
    one => one.end === next.start && one.invariant === next.invariant && one.what === next.what,
  );
  const last = found[at];
  if (last !== undefined && last.isUndecided === next.isUndecided) found[at] = { ...last, end: next.end };
  else found.push(next);
}

/** J6: a protected VM has only leaves that it owns, another only what it borrows. */
function* kindFaults(guests: readonly GuestTable[]): Generator<Anomaly> {
  for (const { id, reading } of guests) {
    const present = reading.leaves.filter(({ isPresent }) => isPresent);
    const borrowed = present.filter(leaf => stateOf(leaf) === CountedState.PKVM_PAGE_SHARED_BORROWED);
    const none = present.filter(leaf => stateOf(leaf) === CountedState.PKVM_PAGE_NONE);
    const owned = present.length - borrowed.length - none.length;
    const isMixed = borrowed.length > 0 && owned > 0;
    const fewer = borrowed.length < owned ? borrowed : present.filter(leaf => !borrowed.includes(leaf));
    for (const leaf of [...(isMixed ? fewer : []), ...none])
      yield leafFault(
        'J6',
        id,
        leaf,
        none.includes(leaf)
          ? `guest ${id} maps it with no page state`
          : `guest ${id} owns ${owned} leaves and borrows ${borrowed.length}: it is of one kind`,
      );
  }
}

/** A guest that maps what is no RAM: teardown looks for its record. facts/pkvm-bugs-2026.md 1, B58. */
function* foreignFaults(
  claims: ReadonlyMap<bigint, readonly PageClaim[]>,
  ram: readonly AddressRange[],
): Generator<Anomaly> {
  const told = new Set<TableLeaf>();
  for (const [page, own] of claims)
    for (const { vm, leaf } of own) {
      if (told.has(leaf) || ram.some(({ start, end }) => page >= start && page < end)) continue;
      told.add(leaf);
      yield leafFault('J4', vm, leaf, `guest ${vm} maps what is no RAM`);
    }
}

const leafFault = (invariant: string, vm: number, leaf: TableLeaf, what: string): Anomaly => ({
  invariant,
  start: leaf.page,
  end: leaf.page + leaf.size,
  what,
  isUndecided: false,
  words: [{ table: vm, at: leaf.at, word: leaf.word }],
});

type MutableRange = { -readonly [K in keyof OwnedRange]: OwnedRange[K] };

function addOwner(
  ranges: MutableRange[],
  page: bigint,
  record: PageRecord,
  claims: readonly PageClaim[],
): void {
  const { owner, sharedWith } = ownerOf(record, claims);
  const last = ranges.at(-1);
  if (last?.end === page && last.owner === owner && last.sharedWith.join() === sharedWith.join())
    last.end = page + PAGE;
  else ranges.push({ start: page, end: page + PAGE, owner, sharedWith });
}

/** Which guest owns a page its record does not say: the leaf that maps it does. */
function ownerOf(
  { owner, hostState, hypShares }: PageRecord,
  claims: readonly PageClaim[],
): Pick<OwnedRange, 'owner' | 'sharedWith'> {
  const nameOf = ({ vm }: PageClaim): string => `guest ${vm}`;
  const isBorrowed = hostState === CountedState.PKVM_PAGE_SHARED_BORROWED;
  if (owner === CountedOwner.PKVM_ID_GUEST) {
    const owning = claims.find(({ state }) => state !== CountedState.PKVM_PAGE_SHARED_BORROWED);
    return {
      owner: owning === undefined ? 'a guest' : nameOf(owning),
      sharedWith: isBorrowed ? ['host'] : [],
    };
  }
  const isHyp = owner === CountedOwner.PKVM_ID_HYP || hostState === CountedState.PKVM_PAGE_NONE;
  if (isHyp) return { owner: 'hypervisor', sharedWith: isBorrowed ? ['host'] : [] };
  return {
    owner: 'host',
    sharedWith: [...(hypShares > 0 ? ['hypervisor'] : []), ...new Set(claims.map(nameOf))],
  };
}
