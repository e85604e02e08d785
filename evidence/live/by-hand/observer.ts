import type { Stage2 } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import {
  guestLeafOf,
  NoWitness,
  pageOf,
  tablesOf,
  type WitnessedLeaf,
  type WitnessedPage,
  type WitnessPlaces,
} from './witness.ts';

/** What is observed of a machine that stands still, as a recording has it. */
export interface ObservedState {
  readonly pages: ReadonlyMap<string, WitnessedPage>;
  readonly leaves: readonly WitnessedLeaf[];
  readonly memcache: number;
  readonly tables: number;
}

/** What is looked at. */
export interface ObservedWorld {
  readonly vm: 'N' | 'P';
  readonly places: WitnessPlaces;
  /** Pages by name. */
  readonly pages: Readonly<Record<string, bigint>>;
  readonly gfns: readonly bigint[];
  /** The guest's table; where no guest is looked at there are no frames either. */
  readonly guest: Stage2 | undefined;
  /** Where the number of pages in the vCPU's memcache lies, if one is looked at. */
  readonly memcache: bigint | undefined;
}

/** Reads the state of a world. Pure: what it reads depends on the words that it has read alone. */
export function observe(memory: PhysicalMemory, world: ObservedWorld): ObservedState {
  const { places, pages, gfns, guest, memcache } = world;
  const count = memcache === undefined ? 0n : memory.read(memcache);
  if (count === undefined) throw new NoWitness('the memcache cannot be read');
  return {
    pages: new Map(
      Object.entries(pages).map(([name, pfn]) => [name, pageOf(memory, places, pfn)] as const),
    ),
    leaves: guest === undefined ? [] : gfns.map(gfn => guestLeafOf(memory, guest, gfn)),
    memcache: Number(count),
    tables: guest === undefined ? 0 : tablesOf(memory, guest),
  };
}

const hex = (word: bigint): string => word.toString(16);
const pageJson = ([host, hyp, shares, references, word, level, isMapped]: WitnessedPage) => [
  host,
  hyp,
  shares,
  references,
  hex(word),
  level,
  isMapped,
];
const leafJson = ([word, level]: WitnessedLeaf) => [hex(word), level];

/** The state as `init` of a sequence has it; of the other VM nothing is known and nothing is asked. */
export function initJson({ vm }: ObservedWorld, state: ObservedState): object {
  const none = state.leaves.map(() => ['0', 0]);
  const leaves = state.leaves.map(leafJson);
  const per = <T>(of: T, other: T) => (vm === 'P' ? { N: other, P: of } : { N: of, P: other });
  return {
    p: Object.fromEntries([...state.pages].map(([name, page]) => [name, pageJson(page)])),
    g: per(leaves, none),
    mc: per(state.memcache, 0),
    t: per(state.tables, 0),
  };
}

const isSame = (one: readonly unknown[] | undefined, other: readonly unknown[]): boolean =>
  one !== undefined && one.every((value, at) => value === other[at]);

/** What is other than before, as `d` of a call has it; `undefined` where nothing is. */
export function changesJson(
  { vm }: ObservedWorld,
  before: ObservedState,
  after: ObservedState,
): object | undefined {
  const changes = [
    ...[...after.pages]
      .filter(([name, page]) => !isSame(before.pages.get(name), page))
      .map(([name, page]) => [name, pageJson(page)] as const),
    ...after.leaves.flatMap((leaf, at) =>
      isSame(before.leaves[at], leaf) ? [] : [[`${vm}${at}`, leafJson(leaf)] as const],
    ),
    ...(before.memcache === after.memcache ? [] : [[`mc${vm}`, after.memcache] as const]),
    ...(before.tables === after.tables ? [] : [[`t${vm}`, after.tables] as const]),
  ];
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}
