import type { Sample } from './sample.ts';
import type { Atom, Template } from './atom.ts';
import type { Space } from './space.ts';
import { numbering } from './numbering.ts';

/** States of a sample that candidates are learned from: more would take long, and what is missed is met later. */
const MAX_STATES = 20_000;

/**
 * The candidate invariant: which atoms may stand, alone and two at a time, whomever they name; and which wider tuples
 * never stand together. Found in small instances, proven by local induction.
 */
export class Candidates {
  readonly pairs = new Set<number>();
  /** By class, what its slots may hold. */
  readonly #templates = new Map<number, Template[]>();
  readonly #units = new Set<string>();

  get units(): number {
    return this.#units.size;
  }

  /** Each as its head and the numbering of its names: `3:0,1,0`. */
  get unitKeys(): ReadonlySet<string> {
    return this.#units;
  }

  templates(ofClass: number): readonly Template[] {
    return this.#templates.get(ofClass) ?? [];
  }

  /** Adds an atom by itself; whether it was new. */
  addUnit(space: Space, atom: Atom): boolean {
    const key = `${atom.head}:${numbering(atom.names).join()}`;
    if (this.#units.has(key)) return false;
    this.#units.add(key);
    const template = space.templateOf(atom);
    const known = this.#templates.get(template.class);
    if (known === undefined) this.#templates.set(template.class, [template]);
    else known.push(template);
    return true;
  }

  hasUnit({ head, names }: Atom): boolean {
    return this.#units.has(`${head}:${numbering(names).join()}`);
  }

  /** Adds two atoms together; whether they were new. */
  addPair(space: Space, one: Atom, other: Atom): boolean {
    const size = this.pairs.size;
    this.pairs.add(space.pair(one, other));
    this.addUnit(space, one);
    this.addUnit(space, other);
    return this.pairs.size > size;
  }

  /** Adds what stands in the initial state of an instance. */
  addInitial(space: Space): void {
    const atoms = space.slots.map(({ initial }, slot) => space.atom(slot, initial));
    atoms.forEach((one, at) => {
      this.addUnit(space, one);
      for (const other of atoms.slice(at + 1)) this.addPair(space, one, other);
    });
  }

  /** Adds what stands in the states of a sample. */
  learn({ space, columns, length }: Sample): void {
    const { atoms } = space;
    const states = Math.min(length, MAX_STATES);
    columns.forEach((column, slot) => {
      const units = new Set(column.subarray(0, states));
      for (const id of units) this.addUnit(space, atoms[id] as Atom);
      for (let other = 0; other < slot; other++) {
        const beside = columns[other] as Int32Array;
        const seen = new Set<number>();
        for (let state = 0; state < states; state++)
          seen.add((column[state] as number) * 65_536 + (beside[state] as number));
        for (const key of seen)
          this.addPair(space, atoms[Math.floor(key / 65_536)] as Atom, atoms[key % 65_536] as Atom);
      }
    });
  }
}
