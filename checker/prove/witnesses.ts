import type { Sample } from './sample.ts';
import type { Atom } from './atom.ts';
import type { Space } from './space.ts';

/** States of a sample that witnesses are looked for in. What is wrong is dropped when a step does not keep it. */
const MAX_STATES = 3000;

/**
 * That something must exist: wherever an atom of this kind stands, another one stands of which the pair is one of
 * these kinds. `a host leaf that records a guest as owner` has `a leaf of that guest that maps the page`.
 */
export interface Obligation {
  readonly unit: number;
  readonly witnesses: ReadonlySet<number>;
  /** Where kinds were chosen from: what stands beside an atom of this kind, for all occurrences that differ in it. */
  readonly chosenFrom?: { readonly occurrences: Occurrences; readonly banned: Set<number> };
}

type Occurrences = Map<string, ReadonlySet<number>>;

/** The obligations that hold, by the kind of the atom that has them. */
export class Witnesses {
  readonly #byUnit = new Map<number, Obligation[]>();

  get all(): readonly Obligation[] {
    return [...this.#byUnit.values()].flat();
  }

  of(space: Space, atom: Atom): readonly Obligation[] {
    return this.#byUnit.get(space.kind([atom])) ?? [];
  }

  drop(obligation: Obligation): void {
    const left = (this.#byUnit.get(obligation.unit) ?? []).filter(other => other !== obligation);
    this.#byUnit.set(obligation.unit, left);
  }

  /**
   * A step lost the witness: of these kinds it was, and those stand beside the atom now. Other kinds are chosen, if
   * there are any that every occurrence has one of.
   */
  choose(obligation: Obligation, lost: readonly number[], beside: readonly number[]): void {
    this.drop(obligation);
    const { unit, chosenFrom } = obligation;
    if (chosenFrom === undefined) return;
    const { occurrences, banned } = chosenFrom;
    const here = new Set(beside.filter(kind => !banned.has(kind)));
    if (here.size > 0) occurrences.set(keyOf(here), here);
    else for (const kind of lost) banned.add(kind);
    if (here.size === 0 && lost.length === 0) return;
    const witnesses = coverOf(occurrences, banned);
    if (witnesses === undefined) return;
    this.#byUnit.set(unit, [...(this.#byUnit.get(unit) ?? []), { unit, witnesses, chosenFrom }]);
  }

  /** Looks for what exists in every state of these samples in which an atom of a kind stands. */
  learn(samples: readonly Sample[]): void {
    const found = new Map<number, Map<string, Family>>();
    for (const sample of samples) lookThrough(sample, found);
    for (const [unit, families] of found) {
      const obligations = obligationsFrom(unit, families);
      if (obligations.length > 0) this.#byUnit.set(unit, obligations);
    }
  }
}

/** The kinds of one way to be linked: those that some occurrence of the atom has, and those that every one has. */
interface Family {
  readonly some: Set<number>;
  readonly every: Set<number>;
  readonly occurrences: Occurrences;
}

/** Every kind whatever its family: the last resort. */
const ANY = '';

function obligationsFrom(unit: number, families: ReadonlyMap<string, Family>): Obligation[] {
  const narrow = [...families].flatMap(([name, { some, every }]) => {
    if (name === ANY) return [];
    return every.size > 0 ? [...every].map(kind => new Set([kind])) : [some];
  });
  const wide = families.get(ANY);
  if (narrow.length > 0 || wide === undefined) return narrow.map(witnesses => ({ unit, witnesses }));
  const { occurrences } = wide;
  const chosenFrom = { occurrences, banned: new Set<number>() };
  const witnesses = coverOf(occurrences, chosenFrom.banned);
  return witnesses === undefined ? [] : [{ unit, witnesses, chosenFrom }];
}

/**
 * Few kinds of which every occurrence has one: those first that most occurrences have. What stands beside by chance (a
 * CPU that asks for the page too) is left out, for it may go while the atom stays.
 */
function coverOf(occurrences: Occurrences, banned: ReadonlySet<number>): ReadonlySet<number> | undefined {
  const cover = new Set<number>();
  let left = [...occurrences.values()].map(kinds => [...kinds].filter(kind => !banned.has(kind)));
  while (left.length > 0) {
    const counts = new Map<number, number>();
    for (const kind of left.flat()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const [most, of] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0]);
    if (of === 0) return undefined;
    cover.add(most);
    left = left.filter(kinds => !kinds.includes(most));
  }
  return cover;
}

function lookThrough(sample: Sample, found: Map<number, Map<string, Family>>): void {
  const { space, columns, length } = sample;
  const links = new Map<number, { readonly family: string; readonly kind: number } | undefined>();
  const linkOf = (
    one: Atom,
    other: Atom,
  ): { readonly family: string; readonly kind: number } | undefined => {
    const key = one.id * 65_536 + other.id;
    if (!links.has(key)) {
      const family = familyOf(space, one, other);
      links.set(key, family === undefined ? undefined : { family, kind: space.pair(one, other) });
    }
    return links.get(key);
  };
  for (let state = 0; state < Math.min(length, MAX_STATES); state++) {
    const atoms = columns.map(column => space.atoms[column[state] ?? 0] as Atom);
    const naming = atoms.filter(({ names, own }) => names.length > own);
    for (const one of atoms) {
      if (one.names.length === 0) continue;
      const here = new Map<string, Set<number>>();
      for (const other of naming) {
        const link = other === one ? undefined : linkOf(one, other);
        if (link === undefined) continue;
        for (const family of [link.family, ANY]) {
          const kinds = here.get(family);
          if (kinds === undefined) here.set(family, new Set([link.kind]));
          else kinds.add(link.kind);
        }
      }
      note(found, space.kind([one]), here);
    }
  }
}

const keyOf = (kinds: ReadonlySet<number>): string => [...kinds].sort((one, other) => one - other).join();

function note(
  found: Map<number, Map<string, Family>>,
  unit: number,
  here: ReadonlyMap<string, ReadonlySet<number>>,
): void {
  const known = found.get(unit);
  if (known === undefined) {
    found.set(
      unit,
      new Map(
        [...here].map(([name, kinds]) => [
          name,
          { some: new Set(kinds), every: new Set(kinds), occurrences: new Map([[keyOf(kinds), kinds]]) },
        ]),
      ),
    );
    return;
  }
  for (const [name, { some, every, occurrences }] of known) {
    const kinds = here.get(name);
    if (kinds === undefined) {
      known.delete(name);
      continue;
    }
    occurrences.set(keyOf(kinds), kinds);
    for (const kind of kinds) some.add(kind);
    for (const kind of every) if (!kinds.has(kind)) every.delete(kind);
  }
}

/**
 * In which way another atom is linked to this one, if it is: its value names a member that this atom names, and its
 * slot names one that this atom does not. A slot that this atom names whole needs no witness: it is always there.
 */
export function familyOf(space: Space, one: Atom, other: Atom): string | undefined {
  const isShared = (name: number): boolean => one.names.includes(name);
  const own = other.names.slice(0, other.own);
  if (own.every(isShared) || !other.names.slice(other.own).some(isShared)) return undefined;
  const text = space.language.classes.text(space.classOf[other.slot] ?? 0);
  return `${text.slice(0, text.indexOf('('))} ${own.map(isShared).join()}`;
}
