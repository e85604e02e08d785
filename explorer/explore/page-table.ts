import type { Slot, System, Value } from '../../checker/index.ts';
import { PageState, viewOf } from '../../model/pkvm/index.ts';
import { leafIn, ofPageIn } from '../../systems/pages/slot-is.ts';

/** One word of a table as a cell: where it is, what state it says, and whether the last step changed it. */
export interface Cell {
  readonly slot: Slot;
  /** Which guest address, in a guest's column. */
  readonly gpa?: bigint;
  readonly state: string;
  readonly tone: 'owned' | 'shared' | 'borrowed' | 'none';
}

/** One page as an engineer thinks of it. */
export interface PageRow {
  readonly page: bigint;
  readonly owner: string;
  readonly borrower: string;
  /** What else the state says of the page, beyond the leaf words: its contents, who is using it. */
  readonly more: readonly { readonly name: string; readonly slot: Slot; readonly text: string }[];
  readonly host: Cell;
  readonly guests: readonly { readonly vm: number; readonly cells: readonly Cell[] }[];
}

export interface PageTable {
  readonly guests: readonly number[];
  readonly rows: readonly PageRow[];
  /** Guest leaves that map none of the pages. */
  readonly unmapped: readonly { readonly vm: number; readonly cells: readonly Cell[] }[];
  /** Slots that are no leaf of any page. */
  readonly rest: readonly Slot[];
}

interface Placed {
  readonly slot: Slot;
  readonly value: Value;
  /** `host`, `guest`, or what else it tells of a page. */
  readonly table: string;
  readonly vm: number;
  readonly address: bigint;
}

/** Which page a slot is about, and as what. */
function placeOf(slot: Slot): Omit<Placed, 'slot' | 'value'> | undefined {
  const [leaf, more] = [leafIn(slot), ofPageIn(slot)];
  if (more !== undefined) return { table: more.what, vm: 0, address: more.address };
  if (leaf === undefined) return undefined;
  const { table, address } = leaf;
  return typeof table === 'number' ? { table: 'guest', vm: table, address } : { table, vm: 0, address };
}

const looks = [
  ['NOPAGE', 'none'],
  ['OWNED', 'owned'],
  ['SHARED_OWNED', 'shared'],
  ['SHARED_BORROWED', 'borrowed'],
] as const satisfies readonly (readonly [string, Cell['tone']])[];

const stateOf = (word: bigint): number => viewOf(word).pageState;

function cellOf({ slot, value, table, address }: Placed): Cell {
  const [state, tone] = looks[stateOf(typeof value === 'bigint' ? value : 0n)] ?? looks[0];
  return { slot, state, tone, ...(table === 'guest' ? { gpa: address } : {}) };
}

const ownerName = (id: number): string => (id === 0 ? 'hypervisor' : id === 1 ? 'host' : `guest ${id}`);
const wordOf = ({ value }: Placed): bigint => (typeof value === 'bigint' ? value : 0n);

/** Everybody who holds the page in one of these states, the host first. */
function holders(host: Placed, mappings: readonly Placed[], states: readonly number[]): string[] {
  return [
    ...(states.includes(stateOf(wordOf(host))) ? ['host'] : []),
    ...mappings.filter(leaf => states.includes(stateOf(wordOf(leaf)))).map(({ vm }) => `guest ${vm}`),
  ];
}

function ownersOf(host: Placed, mappings: readonly Placed[]): string {
  const view = viewOf(wordOf(host));
  const exclusive = holders(host, mappings, [PageState.PKVM_PAGE_OWNED, PageState.PKVM_PAGE_SHARED_OWNED]);
  const recorded = view.pageState === PageState.PKVM_NOPAGE ? [ownerName(view.ownerId)] : [];
  const all = [...new Set([...exclusive, ...recorded])];
  return all.length === 0 ? 'nobody' : all.join(' and ');
}

function placedSlots(system: System, state: readonly Value[]): { placed: Placed[]; rest: Slot[] } {
  const placed: Placed[] = [];
  const rest: Slot[] = [];
  for (const [at, slot] of system.slots.entries()) {
    const place = placeOf(slot);
    const value = state[at];
    if (place === undefined || value === undefined) rest.push(slot);
    else placed.push({ slot, value, ...place });
  }
  return { placed, rest };
}

/**
 * The state as pages by parties, where the system's slots are leaf words of pages; `undefined` for a system about
 * something else.
 */
export function pageTable(system: System, state: readonly Value[]): PageTable | undefined {
  const { placed, rest } = placedSlots(system, state);
  const hosts = placed.filter(({ table }) => table === 'host');
  const leaves = placed.filter(({ table }) => table === 'guest');
  if (hosts.length === 0) return undefined;
  const guests = [...new Set(leaves.map(({ vm }) => vm))];
  const isMapping = (leaf: Placed, page: bigint): boolean => {
    const view = viewOf(wordOf(leaf));
    return view.isPresent && view.page === page;
  };
  const rows = hosts.map((host): PageRow => {
    const mappings = leaves.filter(leaf => isMapping(leaf, host.address));
    const others = placed.filter(
      ({ table, address }) => !['host', 'guest'].includes(table) && address === host.address,
    );
    return {
      page: host.address,
      owner: ownersOf(host, mappings),
      borrower: holders(host, mappings, [PageState.PKVM_PAGE_SHARED_BORROWED]).join(' and '),
      more: others.map(({ table, slot, value }) => ({
        name: table,
        slot,
        text: slot.show?.(value) ?? String(value),
      })),
      host: cellOf(host),
      guests: guests.map(vm => ({ vm, cells: mappings.filter(leaf => leaf.vm === vm).map(cellOf) })),
    };
  });
  const pages = hosts.map(({ address }) => address);
  const unmapped = guests.map(vm => ({
    vm,
    cells: leaves.filter(leaf => leaf.vm === vm && !pages.some(page => isMapping(leaf, page))).map(cellOf),
  }));
  const used = new Set(rows.flatMap(({ more }) => more.map(({ slot }) => slot)));
  const loose = placed.filter(({ table, slot }) => !['host', 'guest'].includes(table) && !used.has(slot));
  return { guests, rows, unmapped, rest: [...rest, ...loose.map(({ slot }) => slot)] };
}
