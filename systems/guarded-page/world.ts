import type { Read, Slot } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { FULL_VECTOR, vectorDenying } from '../../model/kvm/index.ts';
import {
  hostLeaf,
  NEVER_MAPPED,
  PageState,
  type PkvmTables,
  PkvmLeaf,
  showLeaf,
  type Vm,
} from '../../model/pkvm/index.ts';
import { FREE } from './lock.ts';
import type { GuardRules } from './rules.ts';
import { type Numbering, type Places, placesOf, plain, rangesOfPages } from '../pages/places.ts';
import { structurePage } from '../pages/structures.ts';
import type { GuardedPageSize } from './size.ts';

/** The first and the last sub-page of a page: the ones that accesses try. */
export const subPages = [0, 31] as const;

/** The vectors that can be set: every sub-page writable, all but the last, none. */
export const vectors: readonly number[] = [FULL_VECTOR, vectorDenying([31]), 0];
export const vectorName = (vector: number): string =>
  vector === FULL_VECTOR ? 'full' : vector === 0 ? 'none' : `0x${vector.toString(16)}`;

/** One of the eight pages of the hypervisor's memory in which a guest's tables lie. */
export const tablePage = (vm: number, number: number): bigint => structurePage(vm * 8 + number);

/** One guest page: the words that decide over it, and what it was given. */
export interface GuestPage {
  readonly vm: Vm;
  readonly gpa: bigint;
  readonly leaf: Slot<bigint>;
  /** The vector that the hypervisor remembers, as user space passes it: 32 bits. */
  readonly record: Slot<number>;
  /** The word of the SPPT's last level. */
  readonly l1e: Slot<bigint>;
  /** What the calls that were completed have given: a leaf as it was mapped, with its state; 0 where nothing is. */
  readonly given: Slot<bigint>;
  /** The vector that was set since then. */
  readonly asked: Slot<number>;
}

/** What one CPU has cached of one guest page. */
export interface CachedPage {
  readonly cpu: number;
  readonly page: GuestPage;
  /** The translation: a leaf without its state; 0 where none. */
  readonly leaf: Slot<bigint>;
  /** The vector that goes with it, as an L1E; 0 where none. */
  readonly vector: Slot<bigint>;
}

/** What one CPU has cached of one guest's SPPT: an L2E; 0 where none. */
export interface CachedTable {
  readonly cpu: number;
  readonly vm: number;
  readonly l2e: Slot<bigint>;
}

/** A guest's SPPT, above its last level. */
export interface Sppt {
  readonly vm: Vm;
  readonly l2e: Slot<bigint>;
}

/** Everything that a system of this size has. */
export interface World extends Places {
  readonly size: GuardedPageSize;
  readonly rules: GuardRules;
  readonly host: ReadonlyMap<bigint, Slot<bigint>>;
  readonly guestPages: readonly GuestPage[];
  readonly sppts: readonly Sppt[];
  readonly cachedPages: readonly CachedPage[];
  readonly cachedTables: readonly CachedTable[];
  /** Free, or held by a call: which, at which step, about which page. */
  readonly lock: Slot<string>;
  readonly slots: readonly Slot[];
  readonly groups: readonly (readonly Slot[])[];
}

/** A guest leaf in words, with both of its bit fields: `OWNED 0x3000 r-x, bit 61`. */
const showGuestLeaf = (leaf: bigint): string =>
  PkvmLeaf.get(leaf, 'subPageWrite') ? `${showLeaf(leaf, 'guest')}, bit 61` : showLeaf(leaf, 'guest');

const showL2e = (word: bigint): string => {
  const { valid, table } = SpptEntry.decode(word);
  return table === 0n ? 'no table' : `${addressHex(table)}, ${valid ? 'valid' : 'not valid'}`;
};

function guestPage(vm: Vm, gpa: bigint): GuestPage {
  const place = `guest${vm.id}[${addressHex(gpa)}]`;
  const l1e = (word: bigint): string => (word === 0n ? '0' : addressHex(word));
  return {
    vm,
    gpa,
    leaf: { name: place, initial: NEVER_MAPPED, show: showGuestLeaf },
    record: { name: `vector.${place}`, initial: FULL_VECTOR, show: vectorName },
    l1e: { name: `l1e.${place}`, initial: 0n, show: l1e },
    given: { name: `given.${place}`, initial: NEVER_MAPPED, show: showGuestLeaf },
    asked: { name: `asked.${place}`, initial: FULL_VECTOR, show: vectorName },
  };
}

function cachesOf(
  cpus: readonly number[],
  vms: readonly Vm[],
  guestPages: readonly GuestPage[],
): Pick<World, 'cachedPages' | 'cachedTables'> {
  const slot = (name: string, show: (word: bigint) => string): Slot<bigint> => ({
    name,
    initial: 0n,
    show: word => (word === 0n ? 'none' : show(word)),
  });
  return {
    cachedPages: cpus.flatMap(cpu =>
      guestPages.map(page => ({
        cpu,
        page,
        leaf: slot(`cpu${cpu}.tlb.${page.leaf.name}`, showGuestLeaf),
        vector: slot(`cpu${cpu}.vector.${page.leaf.name}`, addressHex),
      })),
    ),
    cachedTables: cpus.flatMap(cpu =>
      vms.map(({ id }) => ({ cpu, vm: id, l2e: slot(`cpu${cpu}.l2e.guest${id}`, showL2e) })),
    ),
  };
}

/** Lays out the words: all RAM is the host's, nothing is mapped in any guest, every vector is full. */
export function worldOf(size: GuardedPageSize, rules: GuardRules, numbering: Numbering = plain): World {
  const places = placesOf(size, numbering);
  const { vms, cpus, pages, gpas } = places;
  const host = new Map(
    pages.map(page => [
      page,
      {
        name: `host[${addressHex(page)}]`,
        initial: hostLeaf(page, PageState.PKVM_PAGE_OWNED),
        show: (leaf: bigint) => showLeaf(leaf, 'host'),
      },
    ]),
  );
  const guestPages = vms.flatMap(vm => gpas.map(gpa => guestPage(vm, gpa)));
  const table = (vm: number): bigint => (size.sppt === 'reserved' ? tablePage(vm, 7) : 0n);
  const sppts = vms.map((vm): Sppt => ({
    vm,
    l2e: {
      name: `l2e.guest${vm.id}`,
      initial: SpptEntry.encode({ table: table(vm.id) }),
      show: showL2e,
    },
  }));
  const caches = cachesOf(cpus, vms, guestPages);
  const lock: Slot<string> = { name: 'lock', initial: FREE };
  const ofPage = ({ leaf, record, l1e, given, asked }: GuestPage): Slot[] => [
    leaf,
    record,
    l1e,
    given,
    asked,
  ];
  const ofCache = ({ leaf, vector }: CachedPage): Slot[] => [leaf, vector];
  return {
    ...places,
    size,
    rules,
    host,
    guestPages,
    sppts,
    ...caches,
    lock,
    slots: [
      ...host.values(),
      ...guestPages.flatMap(ofPage),
      ...sppts.map(({ l2e }) => l2e),
      ...caches.cachedPages.flatMap(ofCache),
      ...caches.cachedTables.map(({ l2e }) => l2e),
      lock,
    ],
    groups: [...guestPages.map(ofPage), ...caches.cachedPages.map(ofCache)],
  };
}

const guestPageOf = ({ guestPages }: World, vm: number, gpa: bigint): GuestPage | undefined =>
  guestPages.find(page => page.vm.id === vm && page.gpa === gpa);

/** The word of a host leaf; 0 for a page that is no RAM of this system. */
export function hostWord({ host }: World, read: Read, page: bigint): bigint {
  const slot = host.get(page);
  return slot === undefined ? NEVER_MAPPED : read(slot);
}

/** The tables as the page-state API sees them in one state. */
export const tablesOf = (world: World, read: Read): PkvmTables => ({
  host: page => hostWord(world, read, page),
  guest: (vm, gpa) => {
    const page = guestPageOf(world, vm, gpa);
    return page === undefined ? NEVER_MAPPED : read(page.leaf);
  },
  ram: rangesOfPages(world.pages),
  vms: world.vms,
  tablePages: 'available',
});

/** The guest pages of the 2-MByte region whose vectors one page of the SPPT holds: all that a guest has here. */
export const regionOf = ({ guestPages }: World, vm: number): readonly GuestPage[] =>
  guestPages.filter(page => page.vm.id === vm);
