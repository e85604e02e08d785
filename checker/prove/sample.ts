import { Run } from '../run.ts';
import type { ExploreOptions } from '../options.ts';
import { report } from '../report/report.ts';
import type { Exploration } from '../system/exploration.ts';
import type { Atom } from './atom.ts';
import type { Space } from './space.ts';

/** A small instance, explored: the states that candidates are found in, and whether a tuple stands in one of them. */
export class Sample {
  readonly space: Space;
  /** Whether these are all reachable states of the instance. */
  readonly isWhole: boolean;
  readonly found: Exploration;
  readonly length: number;
  /** By slot, the id of the atom that it holds in each state. */
  readonly columns: readonly Int32Array[];
  readonly #byKind = new Map<string, Atom>();
  #indexed = 0;
  readonly #postings = new Map<number, Int32Array>();

  constructor(space: Space, run: Run, found: Exploration) {
    this.space = space;
    this.found = found;
    this.isWhole = run.isExhaustive;
    const { states } = run.search;
    this.length = states.length;
    const slotsOf = run.groups.all.map(group => group.slots.map(slot => space.indexOf(slot)));
    const known = run.groups.all.map(({ index, tuples }) =>
      tuples.map(tuple => tuple.map((value, at) => space.atom(slotsOf[index]?.[at] ?? 0, value).id)),
    );
    this.columns = space.slots.map(() => new Int32Array(this.length));
    const codes = new Int32Array(run.groups.all.length);
    for (let state = 0; state < this.length; state++) {
      states.unpack(state, codes);
      slotsOf.forEach((slots, group) =>
        slots.forEach((slot, at) => {
          (this.columns[slot] as Int32Array)[state] = known[group]?.[codes[group] ?? 0]?.[at] ?? 0;
        }),
      );
    }
  }

  /** Explores an instance, up to a bound on its states. */
  static async of(space: Space, options: ExploreOptions): Promise<Sample> {
    const run = new Run(space.system, options);
    await run.levels();
    if (run.limits.bound === 'depth' || run.limits.bound === 'states') run.checkFrontier();
    const coverage = run.coverage();
    if (run.isExhaustive) await run.findTraps();
    return new Sample(space, run, report(run, coverage));
  }

  /** Whether the instance has as many members of each sort as these atoms of another one name. */
  fits(atoms: readonly Atom[], { sortOf }: Space): boolean {
    const named = new Map<number, Set<number>>();
    for (const { names } of atoms)
      for (const name of names) {
        const sort = sortOf[name] ?? 0;
        const known = named.get(sort);
        if (known === undefined) named.set(sort, new Set([name]));
        else known.add(name);
      }
    return [...named].every(([sort, members]) => members.size <= (this.space.membersOf[sort]?.length ?? 0));
  }

  /** Whether some state holds these atoms of another instance, whomever they name there. */
  reaches(atoms: readonly Atom[], { sortOf }: Space): boolean {
    this.#index();
    return this.#match(atoms, sortOf, new Map(), new Set(), undefined);
  }

  #match(
    atoms: readonly Atom[],
    sortOf: readonly number[],
    bound: Map<number, number>,
    taken: Set<number>,
    states: Int32Array | undefined,
  ): boolean {
    const [first, ...rest] = atoms;
    if (first === undefined) return states === undefined || states.length > 0;
    const free = first.names.find(name => !bound.has(name));
    if (free !== undefined) {
      for (const member of this.space.membersOf[sortOf[free] ?? 0] ?? []) {
        if (taken.has(member)) continue;
        bound.set(free, member);
        taken.add(member);
        const found = this.#match(atoms, sortOf, bound, taken, states);
        bound.delete(free);
        taken.delete(member);
        if (found) return true;
      }
      return false;
    }
    const here = this.#byKind.get(
      keyOf(
        first.head,
        first.names.map(name => bound.get(name) ?? 0),
      ),
    );
    if (here === undefined) return false;
    const both = intersect(states, this.#postingsOf(here));
    return both.length > 0 && this.#match(rest, sortOf, bound, taken, both);
  }

  #index(): void {
    for (; this.#indexed < this.space.atoms.length; this.#indexed++) {
      const atom = this.space.atoms[this.#indexed] as Atom;
      this.#byKind.set(keyOf(atom.head, atom.names), atom);
    }
  }

  /** The states that hold an atom, in order. */
  #postingsOf({ id, slot }: Atom): Int32Array {
    const known = this.#postings.get(id);
    if (known !== undefined) return known;
    const column = this.columns[slot] as Int32Array;
    const states: number[] = [];
    for (let state = 0; state < this.length; state++) if (column[state] === id) states.push(state);
    const postings = Int32Array.from(states);
    this.#postings.set(id, postings);
    return postings;
  }
}

const keyOf = (head: number, names: readonly number[]): string => `${head}:${names.join()}`;

function intersect(some: Int32Array | undefined, others: Int32Array): Int32Array {
  if (some === undefined) return others;
  const both = new Int32Array(Math.min(some.length, others.length));
  let length = 0;
  for (let one = 0, other = 0; one < some.length && other < others.length;) {
    const difference = (some[one] as number) - (others[other] as number);
    if (difference === 0) both[length++] = some[one] as number;
    if (difference <= 0) one++;
    if (difference >= 0) other++;
  }
  return both.subarray(0, length);
}
