import { type AddressRange, firstOutsideRam, PAGE_SIZE } from '../../model/pkvm/index.ts';
import { EptPte } from '../../model/ept/index.ts';
import { meaningOf } from './ranges.ts';
import type { TableLeaf, TableReading } from './read-table.ts';

/** One guest leaf that says something about a piece. */
export interface Claim {
  readonly vm: number;
  readonly state: string;
  readonly leaf: TableLeaf;
  /** The gpa at which the piece begins. */
  readonly gpa: bigint;
}

/** Physical addresses about which every table says one thing. */
export interface Piece {
  readonly start: bigint;
  readonly end: bigint;
  /** The host's leaf; `undefined` where the dump does not hold it. */
  readonly host: TableLeaf | undefined;
  readonly claims: readonly Claim[];
  readonly isRam: boolean;
}

interface Span<T> {
  readonly start: bigint;
  readonly end: bigint;
  readonly what: T;
}

/**
 * Cuts physical memory where any table changes its mind: the host's leaves by their own address, for they map
 * identically, a guest's by the page that they map. A leaf of a guest that is not present but still in a state keeps
 * its page: facts/oracle.md 5, "RWX = 0 but state bits and address kept".
 */
export function pieces(
  host: TableReading,
  guests: readonly { readonly id: number; readonly reading: TableReading }[],
  ram: readonly AddressRange[] | undefined,
): readonly Piece[] {
  const hostSpans = host.leaves
    .map(what => ({ start: what.gpa, end: what.gpa + what.size, what }))
    .sort(byStart);
  const guestSpans = guests.flatMap(({ id, reading }) => claimsOf(id, reading)).sort(byStart);
  const ends = [...hostSpans, ...guestSpans].flatMap(({ start, end }) => [start, end]);
  const edges = [...ends, ...(ram ?? []).flatMap(({ start, end }) => [start, end])];
  const cuts = [...new Set(edges)].sort((a, b) => (a < b ? -1 : 1));
  const sweepHost = sweep(hostSpans);
  const sweepGuests = sweep(guestSpans);
  return cuts.slice(0, -1).map((start, i): Piece => {
    const end = cuts[i + 1] ?? start;
    const [leaf] = sweepHost(start);
    const claims = sweepGuests(start).map(({ what, start: from }) => ({
      ...what,
      gpa: what.leaf.gpa + start - from,
    }));
    const isRam = ram !== undefined && firstOutsideRam(ram, start, start + PAGE_SIZE) === undefined;
    return { start, end, host: leaf?.what, claims, isRam };
  });
}

const byStart = (a: { readonly start: bigint }, b: { readonly start: bigint }): number =>
  a.start < b.start ? -1 : a.start > b.start ? 1 : 0;

function claimsOf(vm: number, { leaves }: TableReading): Span<Claim>[] {
  return leaves.flatMap(leaf => {
    if (leaf.word === 0n) return []; // nearly every entry of a guest's table
    const { state = 'NOPAGE' } = meaningOf(leaf, 'guest');
    if (!leaf.isPresent && state === 'NOPAGE') return [];
    const page = leaf.isPresent ? leaf.page : EptPte.get(leaf.word, 'page');
    return [{ start: page, end: page + leaf.size, what: { vm, state, leaf, gpa: leaf.gpa } }];
  });
}

/** The spans that hold an address, for addresses that only grow. */
function sweep<T>(spans: readonly Span<T>[]): (at: bigint) => readonly Span<T>[] {
  let next = 0;
  let open: Span<T>[] = [];
  return at => {
    for (let span = spans[next]; span !== undefined && span.start <= at; span = spans[++next])
      open.push(span);
    open = open.filter(({ end }) => end > at);
    return open;
  };
}
