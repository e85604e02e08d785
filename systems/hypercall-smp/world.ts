import type { Slot } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { type Contents, errnoName, type Vm } from '../../model/pkvm/index.ts';
import { leafTables, type LeafTables } from '../pages/leaf-tables.ts';
import { isCpu, isLock } from '../pages/slot-is.ts';
import { adversarial, type Places, placesOf, plain } from '../pages/places.ts';
import type { Table } from '../pages/table.ts';
import { contentsSlots } from '../pages/contents.ts';
import type { Ids } from '../define.ts';
import { type SmpCall, smpCalls } from './calls.ts';
import { decodeFlight, IDLE } from './flight.ts';
import type { LockName, Program, SmpRules } from './program.ts';
import { type SequentialWords, sequentialWords } from './sequential.ts';
import type { SmpSize } from './size.ts';

/** A lock's value where nobody holds it. */
export const FREE = -1;

/** Everything that a system of this size has. */
export interface SmpWorld {
  readonly size: SmpSize;
  readonly places: Places;
  /** The words of the tables. */
  readonly words: LeafTables;
  readonly sequential: SequentialWords;
  readonly calls: readonly SmpCall[];
  readonly programs: readonly Program[];
  readonly cpus: readonly Slot<string>[];
  readonly hostLock: Slot<number>;
  readonly guestLocks: ReadonlyMap<number, Slot<number>>;
  /** A translation that some CPU has cached: the page, 0 where none. */
  readonly cached: ReadonlyMap<string, Slot<bigint>>;
  readonly contents: ReadonlyMap<bigint, Slot<Contents>>;
  /** The page that the host's list names, and the page that each CPU's memcache holds. */
  readonly list: Slot<bigint> | undefined;
  readonly memcaches: readonly Slot<bigint>[];
  readonly slots: readonly Slot[];
}

export const cachedKey = (table: Table, address: bigint): string => `${table} ${address}`;

const lockSlot = (name: string): Slot<number> => ({
  name,
  is: isLock,
  initial: FREE,
  show: holder => (holder === FREE ? 'free' : `cpu${holder}`),
});

const pageSlot = (name: string, initial: bigint): Slot<bigint> => ({
  name,
  initial,
  show: page => (page === 0n ? 'none' : addressHex(page)),
});

/** How a person reads what a CPU is in the middle of. */
function showFlight(calls: readonly SmpCall[], programs: readonly Program[]): (value: string) => string {
  return value => {
    const flight = decodeFlight(value);
    if (flight === undefined) return IDLE;
    const next = programs[flight.call]?.[flight.at] ?? 'return';
    const refused = flight.refusal === 0 ? '' : `, refused ${errnoName(flight.refusal)}`;
    return `in ${calls[flight.call]?.name ?? ''}, next ${next}${refused}`;
  };
}

export function smpWorld(size: SmpSize, { programOf }: SmpRules, ids: Ids): SmpWorld {
  const places = placesOf(size, ids === 'plain' ? plain : adversarial);
  const words = leafTables(places);
  const sequential = sequentialWords(places, words);
  const calls = smpCalls(places, size);
  const programs = calls.map(({ name }) => programOf(name));
  const show = showFlight(calls, programs);
  const cpus = places.cpus.map((cpu): Slot<string> => ({
    name: `cpu${cpu}`,
    initial: IDLE,
    show,
    is: isCpu,
  }));
  const hostLock = lockSlot('lock.host');
  const guestLocks = new Map(places.vms.map(({ id }) => [id, lockSlot(`lock.guest${id}`)]));
  const cached = cachedSlots(places, size);
  const contents: SmpWorld['contents'] = size.contents ? contentsSlots(places) : new Map();
  const list = size.memcache ? pageSlot('list', places.pages[0] ?? 0n) : undefined;
  const memcaches = size.memcache ? places.cpus.map(cpu => pageSlot(`cpu${cpu}.memcache`, 0n)) : [];
  return {
    size,
    places,
    words,
    sequential,
    calls,
    programs,
    cpus,
    hostLock,
    guestLocks,
    cached,
    contents,
    list,
    memcaches,
    slots: [
      ...cpus,
      hostLock,
      ...guestLocks.values(),
      ...words.slots,
      ...sequential.slots,
      ...cached.values(),
      ...contents.values(),
      ...(list === undefined ? [] : [list, ...memcaches]),
    ],
  };
}

function cachedSlots({ pages, gpas, vms }: Places, { translations }: SmpSize): Map<string, Slot<bigint>> {
  if (!translations) return new Map();
  return new Map([
    ...pages.map(page => [cachedKey('host', page), pageSlot(`tlb.host[${addressHex(page)}]`, 0n)] as const),
    ...vms.flatMap(({ id }: Vm) =>
      gpas.map(gpa => [cachedKey(id, gpa), pageSlot(`tlb.guest${id}[${addressHex(gpa)}]`, 0n)] as const),
    ),
  ]);
}

/** The slot of a lock that a call takes. */
export const lockOf = ({ hostLock, guestLocks }: SmpWorld, call: SmpCall, lock: LockName): Slot<number> =>
  lock === 'host' ? hostLock : (guestLocks.get(call.vm) ?? hostLock);
