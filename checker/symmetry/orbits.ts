import { LANE, unpack } from '../compile/packing.ts';
import type { Group, Groups } from '../learn/groups.ts';
import type { Action, Slot, System, Value } from '../system/system.ts';
import { compose, inverse, type Permutation, permutations } from './permutations.ts';

/** More exchanges than this are refused: each state would be held against every one of them. */
const MAX_EXCHANGES = 5040;

/** One way to exchange members: a permutation for each symmetry of the system. */
export type Exchange = readonly Permutation[];

/** Thrown where a system is not as symmetric as it says. The message is one line for a person. */
export class SymmetryRefused extends Error {}

/**
 * Every exchange as plain words, for the hot loop: group `q` of the exchanged state has the code
 * `codes[offsets[e * groups + q] + c]`, where `c` is the code of group `sources[e * groups + q]`.
 */
export interface OrbitTables {
  readonly exchanges: number;
  readonly groups: number;
  readonly sources: Int32Array;
  readonly offsets: Int32Array;
  readonly codes: Int32Array;
}

/**
 * The exchanges of a system's interchangeable members. States that an exchange turns into one another are an orbit;
 * of each orbit the search keeps the one whose codes come first.
 */
export class Orbits {
  readonly exchanges: readonly Exchange[];
  readonly #system: System;
  readonly #groups: Groups;
  /** By exchange and group: where the group goes, and what its codes become. */
  readonly #images: readonly (readonly { readonly to: number; readonly codes: number[] }[])[];
  tables: OrbitTables;
  /** How many codes each group had when all had their images. */
  #closed = '';

  constructor(system: System, groups: Groups) {
    this.#system = system;
    this.#groups = groups;
    const symmetries = system.symmetries ?? [];
    const count = symmetries.reduce((product, { size }) => product * factorial(size), 1);
    if (count > MAX_EXCHANGES)
      throw new SymmetryRefused(`${count} exchanges of members are too many: at most ${MAX_EXCHANGES}`);
    this.exchanges = symmetries.reduce<readonly Exchange[]>(
      (all, { size }) => all.flatMap(one => permutations(size).map(next => [...one, next])),
      [[]],
    );
    this.#images = this.exchanges.map(exchange =>
      groups.all.map(group => ({ to: this.#target(group, exchange), codes: [] })),
    );
    this.tables = this.#flat();
    this.close();
  }

  /** Gives a code to every value that an exchange makes of known ones, and takes all into the tables. */
  close(): OrbitTables {
    const before = this.#groups.all.map(({ tuples }) => tuples.length).join();
    if (before === this.#closed) return this.tables;
    for (let isClosed = false; !isClosed;) {
      isClosed = true;
      this.exchanges.forEach((exchange, at) =>
        this.#groups.all.forEach(group => {
          const image = this.#images[at]?.[group.index];
          for (let code = image?.codes.length ?? 0; image && code < group.tuples.length; code++) {
            isClosed = false;
            image.codes.push(this.#image(group, code, image.to, exchange));
          }
        }),
      );
    }
    this.#closed = this.#groups.all.map(({ tuples }) => tuples.length).join();
    return (this.tables = this.#flat());
  }

  /** The exchanges of two members that are next to one another: all others are made of these. */
  get neighbours(): readonly number[] {
    const moved = (permutation: Permutation): number[] =>
      permutation.filter((place, member) => place !== member);
    return [...this.exchanges.keys()].filter(at => {
      const all = (this.exchanges[at] ?? []).map(moved).filter(({ length }) => length > 0);
      const [pair, ...others] = all;
      return pair?.length === 2 && others.length === 0 && (pair[0] ?? 0) - (pair[1] ?? 0) === 1;
    });
  }

  /** A state with members exchanged. */
  exchanged(codes: Int32Array, exchange: number): Int32Array {
    const { groups, sources, offsets, codes: becomes } = this.tables;
    return codes.map((_, group) => {
      const at = exchange * groups + group;
      return becomes[(offsets[at] as number) + (codes[sources[at] as number] as number)] as number;
    });
  }

  action(action: Action, exchange: Exchange): Action {
    return (this.#system.symmetries ?? []).reduce(
      (moved, symmetry, at) => symmetry.action(moved, exchange[at] ?? []),
      action,
    );
  }

  /** First the inverse of `undone`, then `exchange`. */
  static after(exchange: Exchange, undone: Exchange): Exchange {
    return exchange.map((permutation, at) => compose(permutation, inverse(undone[at] ?? [])));
  }

  /** Where a group goes: all its slots must go to one group, and to all of it. */
  #target(group: Group, exchange: Exchange): number {
    const targets = group.slots.map(slot => this.#groups.placeOf(this.#slot(slot, exchange)).group);
    const [target] = targets;
    if (
      target === undefined ||
      targets.some(other => other !== target) ||
      target.slots.length !== targets.length
    )
      throw new SymmetryRefused(`an exchange tears the group of ${group.slots[0]?.name} apart`);
    return target.index;
  }

  #image(group: Group, code: number, to: number, exchange: Exchange): number {
    const target = this.#groups.all[to] as Group;
    const tuple: Value[] = [...target.tuple(0)];
    group.slots.forEach((slot, at) => {
      const value = group.tuple(code)[at] as Value;
      tuple[this.#groups.placeOf(this.#slot(slot, exchange)).at] = this.#value(slot, value, exchange);
    });
    const image = target.codeOf(tuple);
    if (code === 0 && image !== 0)
      throw new SymmetryRefused(`an exchange changes the initial state, at ${group.slots[0]?.name}`);
    return image;
  }

  #slot(slot: Slot, exchange: Exchange): Slot {
    return (this.#system.symmetries ?? []).reduce(
      (moved, symmetry, at) => symmetry.slot(moved, exchange[at] ?? []),
      slot,
    );
  }

  #value(slot: Slot, value: Value, exchange: Exchange): Value {
    let place = slot;
    let moved = value;
    for (const [at, symmetry] of (this.#system.symmetries ?? []).entries()) {
      moved = symmetry.value(place, moved, exchange[at] ?? []);
      place = symmetry.slot(place, exchange[at] ?? []);
    }
    return moved;
  }

  #flat(): OrbitTables {
    const groups = this.#groups.all.length;
    const sources = new Int32Array(this.exchanges.length * groups);
    const offsets = new Int32Array(sources.length);
    const codes: number[] = [];
    this.#images.forEach((images, at) =>
      images.forEach(({ to, codes: becomes }, group) => {
        sources[at * groups + to] = group;
        offsets[at * groups + to] = codes.length;
        for (const code of becomes) codes.push(code);
      }),
    );
    return { exchanges: this.exchanges.length, groups, sources, offsets, codes: Int32Array.from(codes) };
  }
}

const factorial = (size: number): number => (size < 2 ? 1 : size * factorial(size - 1));

/** What became of a row: which exchange led to the first of its orbit, and how many lead there. */
export interface Canonical {
  exchange: number;
  /** How many exchanges lead to it: as many as leave it as it is. */
  ways: number;
}

/** Turns rows into the first of their orbit, in place. */
export class Canonizer {
  readonly #tables: OrbitTables;
  readonly #lanes: Int32Array;
  readonly #words: number;
  readonly #codes: Int32Array;
  readonly #best: Int32Array;
  readonly #last: Canonical = { exchange: 0, ways: 1 };

  constructor(tables: OrbitTables, lanes: Int32Array, words: number) {
    this.#tables = tables;
    this.#lanes = lanes;
    this.#words = words;
    this.#codes = new Int32Array(tables.groups);
    this.#best = new Int32Array(tables.groups);
  }

  /** The answer is overwritten by the next call. */
  row(rows: Int32Array, at: number): Canonical {
    unpack(this.#lanes, rows, at, this.#codes);
    const last = this.first(this.#codes);
    if (last.exchange !== 0) {
      for (let word = 0; word < this.#words; word++) rows[at + word] = 0;
      for (let group = 0, lane = 0; group < this.#best.length; group++, lane += LANE.size) {
        const word = at + (this.#lanes[lane + LANE.word] as number);
        const bits = (this.#best[group] as number) << (this.#lanes[lane + LANE.shift] as number);
        rows[word] = (rows[word] as number) | bits;
      }
    }
    return last;
  }

  /** Finds the first of the orbit of these codes; `best` has it. The identity is exchange 0. */
  first(codes: Int32Array): Canonical {
    const { exchanges, groups, sources, offsets, codes: becomes } = this.#tables;
    const best = this.#best;
    best.set(codes);
    this.#last.exchange = 0;
    this.#last.ways = 1;
    for (let exchange = 1, base = groups; exchange < exchanges; exchange++, base += groups) {
      let order = 0;
      for (let group = 0; group < groups && order <= 0; group++) {
        const source = codes[sources[base + group] as number] as number;
        const code = becomes[(offsets[base + group] as number) + source] as number;
        if (order === 0) order = code - (best[group] as number);
        if (order < 0) best[group] = code;
      }
      if (order === 0) this.#last.ways++;
      if (order >= 0) continue;
      this.#last.exchange = exchange;
      this.#last.ways = 1;
    }
    return this.#last;
  }

  get best(): Int32Array {
    return this.#best;
  }
}
