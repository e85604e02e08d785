import { type AddressRange, OwnerId, PageState, viewOf } from '../../model/pkvm/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { MissingTable } from './read-pages.ts';
import { isEmpty, readTable } from './read-table.ts';
import { type Claim, type Piece, pieces } from './pieces.ts';
import { type Anomaly, anomaliesOf, type Known } from './anomalies.ts';
import { tableAnomalies } from './table-anomalies.ts';

export interface AuditInput {
  readonly memory: PhysicalMemory;
  readonly hostEptp: bigint;
  readonly guests: readonly { readonly id: number; readonly eptp: bigint }[];
  /** What is RAM; without it a page that nobody maps may be the hypervisor's, or no memory at all. */
  readonly ram?: readonly AddressRange[];
}

/** Who owns a range and who else may see it. */
export interface OwnedRange {
  readonly start: bigint;
  readonly end: bigint;
  /** `host`, `hypervisor`, `guest 2`, `nobody`, `several`, `hypervisor or no memory`. */
  readonly owner: string;
  /** Who borrows it. */
  readonly sharedWith: readonly string[];
}

export interface Audit {
  readonly owners: readonly OwnedRange[];
  readonly anomalies: readonly Anomaly[];
  /** What would be anomalies if the missing parts of guests' tables did not explain them. */
  readonly undecided: readonly Anomaly[];
  /** Pages of tables that the dump does not hold; `table` is `host` or a guest's id. */
  readonly missing: readonly (MissingTable & { readonly table: 'host' | number })[];
  /** Owner ids that the host EPT records and whose tables were not given. */
  readonly unnamed: readonly number[];
  readonly leaves: number;
  /** Nothing follows then: nobody is said to own anything, and no anomaly is certain. */
  readonly isHostEmpty: boolean;
}

/** Reads the tables and holds them against one another. Invariants: facts/pkvm.md 4. */
export function audit({ memory, hostEptp, guests, ram }: AuditInput): Audit {
  const host = readTable(memory, hostEptp);
  const tables = guests.map(({ id, eptp }) => ({ id, reading: readTable(memory, eptp) }));
  const ids = new Set(guests.map(({ id }) => id));
  const cut = pieces(host, tables, ram);
  const allTables = [{ id: 'host' as const, reading: host }, ...tables];
  const unnamed = new Set<number>();
  for (const { host: leaf } of cut) {
    if (leaf === undefined || leaf.isPresent) continue;
    const { ownerId } = viewOf(leaf.word);
    if (ownerId >= OwnerId.firstGuest && !ids.has(ownerId)) unnamed.add(ownerId);
  }
  const incomplete = new Set(
    tables.filter(({ reading }) => reading.missing.length > 0).map(({ id }) => id),
  );
  const known: Known = {
    ids,
    isRamKnown: ram !== undefined,
    isIncomplete: vm =>
      vm === undefined ? ids.size === 0 || incomplete.size > 0 || unnamed.size > 0 : incomplete.has(vm),
  };
  const found = [...cut.flatMap(piece => anomaliesOf(piece, known)), ...tableAnomalies(allTables, cut)];
  const isHostEmpty = isEmpty(host);
  return {
    owners: isHostEmpty ? [] : ownersOf(cut, ram !== undefined),
    anomalies: found.filter(({ isUndecided }) => !isUndecided && !isHostEmpty),
    undecided: found.filter(({ isUndecided }) => isUndecided || isHostEmpty),
    isHostEmpty,
    missing: allTables.flatMap(({ id, reading }) => reading.missing.map(page => ({ ...page, table: id }))),
    unnamed: [...unnamed].sort((a, b) => a - b),
    leaves: allTables.reduce((sum, { reading }) => sum + reading.leaves.length, 0),
  };
}

const guestName = ({ vm }: Claim): string => `guest ${vm}`;

/** Who owns a piece, by every table that says so. */
function ownerOf(
  { host, claims, isRam }: Piece,
  isRamKnown: boolean,
): { owner: string; sharedWith: string[] } {
  const owners = claims.filter(({ state }) => state === 'OWNED' || state === 'SHARED_OWNED').map(guestName);
  const borrowers = claims.filter(({ state }) => state === 'SHARED_BORROWED').map(guestName);
  const sharedWith = [...borrowers];
  if (host === undefined) return { owner: owners[0] ?? 'unknown', sharedWith };
  const { pageState, ownerId, isPresent } = viewOf(host.word);
  if (pageState === PageState.PKVM_PAGE_OWNED || pageState === PageState.PKVM_PAGE_SHARED_OWNED)
    owners.unshift('host');
  if (pageState === PageState.PKVM_PAGE_SHARED_BORROWED) sharedWith.unshift('host');
  const isHypervisors =
    !isPresent &&
    pageState === PageState.PKVM_NOPAGE &&
    ownerId === OwnerId.PKVM_ID_HYP &&
    owners.length === 0;
  if (isHypervisors)
    owners.push(isRam ? 'hypervisor' : isRamKnown ? 'no memory' : 'hypervisor or no memory');
  const [only, ...others] = owners;
  return { owner: only === undefined ? 'nobody' : others.length > 0 ? 'several' : only, sharedWith };
}

function ownersOf(cut: readonly Piece[], isRamKnown: boolean): readonly OwnedRange[] {
  const ranges: { start: bigint; end: bigint; owner: string; sharedWith: readonly string[] }[] = [];
  for (const piece of cut) {
    const { owner, sharedWith } = ownerOf(piece, isRamKnown);
    if (owner === 'no memory' && sharedWith.length === 0) continue;
    const last = ranges.at(-1);
    const isSame =
      last !== undefined &&
      last.end === piece.start &&
      last.owner === owner &&
      last.sharedWith.join() === sharedWith.join();
    if (isSame) last.end = piece.end;
    else ranges.push({ start: piece.start, end: piece.end, owner, sharedWith });
  }
  return ranges;
}
