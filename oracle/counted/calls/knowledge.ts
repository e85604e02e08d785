import { addressHex } from '../../../model/bits/index.ts';
import type { CountedTable, Place } from './place.ts';

const PAGE = 0x1000n;
/** More pages of one range than this are not asked about one by one. */
const maxAsked = 65_536;

type Kind = 'record' | 'el2' | CountedTable;
const kindOf = (place: Place): Kind => (place.kind === 'leaf' ? place.table : place.kind);
const kindText = (kind: Kind): string => (typeof kind === 'number' ? `guest ${kind}` : kind);

/** What of the machine is known: what somebody observed, and what follows from it. The rest is a guess. */
export class Knowledge {
  /** Whether what is not listed is known, by kind. */
  readonly #rest = new Map<Kind, boolean>();
  #isKnown: boolean;
  readonly #others = new Map<Kind, Set<bigint>>();

  constructor(isKnown: boolean, guessed: readonly Kind[] = []) {
    this.#isKnown = isKnown;
    for (const kind of guessed) this.#rest.set(kind, false);
  }

  copy(): Knowledge {
    const copy = new Knowledge(this.#isKnown);
    for (const [kind, isKnown] of this.#rest) copy.#rest.set(kind, isKnown);
    for (const [kind, pages] of this.#others) copy.#others.set(kind, new Set(pages));
    return copy;
  }

  #restOf(kind: Kind): boolean {
    return this.#rest.get(kind) ?? this.#isKnown;
  }

  isKnown(place: Place): boolean {
    const kind = kindOf(place);
    return this.#restOf(kind) !== (this.#others.get(kind)?.has(place.address) ?? false);
  }

  /** The first page of a range of which nothing is known, for a person; `undefined` where all is known. */
  unknownIn(kind: Kind, start: bigint, size: bigint): string | undefined {
    const others = this.#others.get(kind);
    const text = (page: bigint): string => `${kindText(kind)} ${addressHex(page)}`;
    if (this.#restOf(kind)) {
      const found = [...(others ?? [])].find(page => page >= start && page < start + size);
      return found === undefined ? undefined : text(found);
    }
    let page = start;
    for (let asked = 0; page < start + size; asked++, page += PAGE)
      if (asked > maxAsked || others?.has(page) !== true) return text(page);
    return undefined;
  }

  learn(place: Place): void {
    this.#put(place, true);
  }
  forget(place: Place): void {
    this.#put(place, false);
  }

  /** Nothing is known any more. */
  forgetAll(): void {
    this.#isKnown = false;
    this.#rest.clear();
    this.#others.clear();
  }

  /** Nothing is known of any place of this kind. */
  forgetKind(kind: Kind): void {
    this.#rest.set(kind, false);
    this.#others.delete(kind);
  }

  /** All of a table is known: a VM that has nothing yet. */
  learnKind(kind: Kind): void {
    this.#rest.set(kind, true);
    this.#others.delete(kind);
  }

  #put(place: Place, isKnown: boolean): void {
    const kind = kindOf(place);
    const others = this.#others.get(kind) ?? new Set<bigint>();
    if (this.#restOf(kind) === isKnown) others.delete(place.address);
    else others.add(place.address);
    this.#others.set(kind, others);
  }
}
