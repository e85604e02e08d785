import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import {
  type Alternative,
  type Candidates,
  type Factor,
  type Held,
  maxCandidates,
  placeKey,
  type PlaceKey,
  sharedWord,
} from './candidates.ts';
import type { Word } from './word.ts';
import { type Guest, initialStretch, type Table, vmsOf } from './machine.ts';

const untouched: Alternative = new Map();

/** Which factor says something of a place. Worked out once for a list of factors. */
const places = new WeakMap<readonly Factor[], ReadonlyMap<PlaceKey, Factor>>();

function placesIn(factors: readonly Factor[]): ReadonlyMap<PlaceKey, Factor> {
  const known = places.get(factors);
  if (known !== undefined) return known;
  const found = new Map(
    factors.flatMap(factor => factor.flatMap(one => [...one.keys()].map(key => [key, factor] as const))),
  );
  places.set(factors, found);
  return found;
}

/**
 * The possible states as far as one event can tell them apart: the alternatives of the factors whose leaves it looks
 * at, each with each. What it does not look at stays as it is and costs nothing.
 */
export class Focus {
  readonly candidates: Candidates;
  readonly each: readonly Alternative[];
  /** The factors that were brought together. */
  readonly inside: readonly Factor[];
  /** Factors that say something of a leaf that was asked for and are not among them. */
  readonly missed = new Set<Factor>();

  constructor(candidates: Candidates, inside: readonly Factor[]) {
    this.candidates = candidates;
    this.inside = inside;
    this.each = inside.reduce<readonly Alternative[]>(
      (states, factor) => states.flatMap(state => factor.map(one => new Map([...state, ...one]))),
      [untouched],
    );
  }

  /** The factors that the event does not look at. */
  get outside(): readonly Factor[] {
    return this.candidates.factors.filter(factor => !this.inside.includes(factor));
  }

  /** The word of a leaf in one possible state. */
  word(from: Alternative, table: Table, address: bigint): Word {
    return this.#held(from, table, address)?.word ?? sharedWord(this.candidates, table, address);
  }

  /** The kind of a guest in one possible state. */
  kind(from: Alternative, vm: number): Guest['kind'] {
    const said = vmsOf(this.candidates.machine, vm).find(({ id }) => id === vm)?.kind ?? 'unspecified';
    if (said !== 'unknown') return said;
    const held = this.#held(from, 'kind', BigInt(vm));
    if (held !== undefined && held.word !== 'unknown') return held.word === 1n ? 'protected' : 'normal';
    return this.candidates.kinds.get(vm) ?? 'unknown';
  }

  /** The longest stretch of leaves of one kind from `address` on, of at most so many pages. */
  stretch(
    from: Alternative,
    table: Table,
    address: bigint,
    most: number,
  ): { readonly word: Word; readonly pages: number } {
    const word = this.word(from, table, address);
    const { candidates } = this;
    const until = Math.min(most, this.#pagesUntilFactor(table, address, most));
    if (until <= 1 || from.has(placeKey(table, address))) return { word, pages: Math.min(1, most) };
    const written = candidates.shared.stretch(table, address, until);
    if (written.word !== undefined || candidates.unwritten === 'unknown')
      return { word, pages: written.pages };
    return { word, pages: initialStretch(candidates.machine, table, address, written.pages) };
  }

  #held(from: Alternative, table: Table | 'kind', address: bigint): Held | undefined {
    if (this.candidates.factors.length === 0) return undefined;
    const key = placeKey(table, address);
    const held = from.get(key);
    if (held !== undefined) return held;
    const factor = placesIn(this.candidates.factors).get(key);
    if (factor !== undefined && !this.inside.includes(factor)) this.missed.add(factor);
    return undefined;
  }

  /** How many pages lie before the next leaf that a factor says something of. */
  #pagesUntilFactor(table: Table, address: bigint, most: number): number {
    let pages = most;
    for (const factor of most === 1 ? [] : this.candidates.factors)
      for (const alternative of factor)
        for (const held of alternative.values()) {
          if (held.table !== table || held.address <= address) continue;
          const distance = (held.address - address) / PAGE_SIZE;
          if (distance < BigInt(pages)) pages = Number(distance);
        }
    return pages;
  }
}

/**
 * Runs `work` on the possible states as far as it looks at them. `undefined` where there are more than are followed:
 * then `tooMany` are the factors that it would have had to bring together.
 */
export function focused<T>(
  candidates: Candidates,
  work: (focus: Focus) => T,
): { readonly focus: Focus; readonly result: T } | { readonly tooMany: readonly Factor[] } {
  let inside: readonly Factor[] = [];
  for (;;) {
    const focus = new Focus(candidates, inside);
    const result = work(focus);
    if (focus.missed.size === 0) return { focus, result };
    inside = [...inside, ...focus.missed];
    const states = inside.reduce((product, { length }) => product * length, 1);
    if (states > maxCandidates) return { tooMany: inside };
  }
}
