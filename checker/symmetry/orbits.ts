import { LANE, unpack } from '../compile/packing.ts';
import type { Part, Parts } from '../learn/groups.ts';
import { compose, inverse, type Permutation, permutations } from './permutations.ts';
import type { Action, Slot, System, Value } from '../system/system.ts';

/** More exchanges than this are refused: each state would be held against every one of them. */
const MAX_EXCHANGES = 5040;

/** One way to exchange members: a permutation for each symmetry of the system. */
export type Exchange = readonly Permutation[];

/** Thrown where a system is not as symmetric as it says. The message is one line for a person. */
export class SymmetryRefused extends Error {}

/**
 * Every exchange as plain words, for the hot loop: part `q` of the exchanged state has the code
 * `codes[offsets[e * parts + q] + c]`, where `c` is the code of part `sources[e * parts + q]`.
 */
export interface OrbitTables {
  readonly exchanges: number;
  readonly parts: number;
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
  readonly #parts: Parts;
  /** By exchange and part: where the part goes, and what its codes become. */
  readonly #images: readonly (readonly { readonly to: number; readonly codes: number[] }[])[];
  tables: OrbitTables;
  /** How many codes each part had when all had their images. */
  #closed = '';

  constructor(system: System, parts: Parts) {
    this.#system = system;
    this.#parts = parts;
    const symmetries = system.symmetries ?? [];
    const count = symmetries.reduce((product, { size }) => product * factorial(size), 1);
    if (count > MAX_EXCHANGES)
      throw new SymmetryRefused(`${count} exchanges of members are too many: at most ${MAX_EXCHANGES}`);
    this.exchanges = symmetries.reduce<readonly Exchange[]>(
      (all, { size }) => all.flatMap(one => permutations(size).map(next => [...one, next])),
      [[]],
    );
    this.#images = this.exchanges.map(exchange =>
      parts.all.map(part => ({ to: this.#target(part, exchange), codes: [] })),
    );
    this.tables = this.#flat();
    this.close();
  }

  /** Gives a code to every value that an exchange makes of known ones, and takes all into the tables. */
  close(): OrbitTables {
    const before = this.#parts.all.map(({ tuples }) => tuples.length).join();
    if (before === this.#closed) return this.tables;
    for (let isClosed = false; !isClosed;) {
      isClosed = true;
      this.exchanges.forEach((exchange, at) =>
        this.#parts.all.forEach(part => {
          const image = this.#images[at]?.[part.index];
          for (let code = image?.codes.length ?? 0; image && code < part.tuples.length; code++) {
            isClosed = false;
            image.codes.push(this.#image(part, code, image.to, exchange));
          }
        }),
      );
    }
    this.#closed = this.#parts.all.map(({ tuples }) => tuples.length).join();
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
    const { parts, sources, offsets, codes: becomes } = this.tables;
    return codes.map((_, part) => {
      const at = exchange * parts + part;
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

  /** Where a part goes: all its slots must go to one part, and to all of it. */
  #target(part: Part, exchange: Exchange): number {
    const targets = part.slots.map(slot => this.#parts.placeOf(this.#slot(slot, exchange)).part);
    const [target] = targets;
    if (
      target === undefined ||
      targets.some(other => other !== target) ||
      target.slots.length !== targets.length
    )
      throw new SymmetryRefused(`an exchange tears the group of ${part.slots[0]?.name} apart`);
    return target.index;
  }

  #image(part: Part, code: number, to: number, exchange: Exchange): number {
    const target = this.#parts.all[to] as Part;
    const tuple: Value[] = [...target.tuple(0)];
    part.slots.forEach((slot, at) => {
      const value = part.tuple(code)[at] as Value;
      tuple[this.#parts.placeOf(this.#slot(slot, exchange)).at] = this.#value(slot, value, exchange);
    });
    const image = target.codeOf(tuple);
    if (code === 0 && image !== 0)
      throw new SymmetryRefused(`an exchange changes the initial state, at ${part.slots[0]?.name}`);
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
    const parts = this.#parts.all.length;
    const sources = new Int32Array(this.exchanges.length * parts);
    const offsets = new Int32Array(sources.length);
    const codes: number[] = [];
    this.#images.forEach((images, at) =>
      images.forEach(({ to, codes: becomes }, part) => {
        sources[at * parts + to] = part;
        offsets[at * parts + to] = codes.length;
        for (const code of becomes) codes.push(code);
      }),
    );
    return { exchanges: this.exchanges.length, parts, sources, offsets, codes: Int32Array.from(codes) };
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
    this.#codes = new Int32Array(tables.parts);
    this.#best = new Int32Array(tables.parts);
  }

  /** The answer is overwritten by the next call. */
  row(rows: Int32Array, at: number): Canonical {
    unpack(this.#lanes, rows, at, this.#codes);
    const last = this.codes(this.#codes);
    if (last.exchange !== 0) {
      for (let word = 0; word < this.#words; word++) rows[at + word] = 0;
      for (let part = 0, lane = 0; part < this.#best.length; part++, lane += LANE.size) {
        const word = at + (this.#lanes[lane + LANE.word] as number);
        const bits = (this.#best[part] as number) << (this.#lanes[lane + LANE.shift] as number);
        rows[word] = (rows[word] as number) | bits;
      }
    }
    return last;
  }

  /** Finds the first of the orbit of these codes; `best` has it. The identity is exchange 0. */
  codes(codes: Int32Array): Canonical {
    const { exchanges, parts, sources, offsets, codes: becomes } = this.#tables;
    const best = this.#best;
    best.set(codes);
    this.#last.exchange = 0;
    this.#last.ways = 1;
    for (let exchange = 1, base = parts; exchange < exchanges; exchange++, base += parts) {
      let order = 0;
      for (let part = 0; part < parts && order <= 0; part++) {
        const source = codes[sources[base + part] as number] as number;
        const code = becomes[(offsets[base + part] as number) + source] as number;
        if (order === 0) order = code - (best[part] as number);
        if (order < 0) best[part] = code;
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
