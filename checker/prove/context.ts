import type { Value } from '../system/system.ts';
import type { Candidates } from './candidates.ts';
import type { Atom, Template } from './atom.ts';
import type { Space } from './space.ts';

/** What a loop has found: none of these slots, but those in the context, is seen as true by the lens. */
export interface Absence {
  readonly slots: ReadonlySet<number>;
  readonly lens: (value: Value) => Value;
}

/**
 * A part of a state of some size: the slots that matter to a step, with values that the candidates allow, and the
 * members that they name. Further members are taken one by one as they are first named; running out of them is
 * noticed, and says that the instance is too small.
 */
export class Context {
  readonly space: Space;
  readonly candidates: Candidates;
  readonly atoms: Atom[] = [];
  readonly absences: Absence[] = [];
  /** Which item each loop of a sentence over all items was asked of, in the order of the loops. */
  readonly chosen: number[] = [];
  /** Whether loops see no slot but those of the context: for a step that was taken before. */
  isAll = false;
  /** The sorts of which a further member was needed and not there. */
  readonly short = new Set<number>();
  /** By sort, the most members that any context named. */
  readonly most: number[];
  readonly #bySlot: (Atom | undefined)[];
  readonly #uses: Int32Array;
  readonly #used: number[][];
  /** By sort, the most members that one slot names. */
  readonly #widest: readonly number[];

  constructor(space: Space, candidates: Candidates) {
    this.space = space;
    this.candidates = candidates;
    this.#bySlot = space.slots.map(() => undefined);
    this.#uses = new Int32Array(space.members.length);
    this.#used = space.membersOf.map(() => []);
    this.most = space.membersOf.map(() => 0);
    this.#widest = space.membersOf.map((_, sort) =>
      Math.max(
        0,
        ...space.slotNames.map(names => names.filter(name => space.sortOf[name] === sort).length),
      ),
    );
  }

  at(slot: number): Atom | undefined {
    return this.#bySlot[slot];
  }

  push(atom: Atom): void {
    this.atoms.push(atom);
    this.#bySlot[atom.slot] = atom;
    this.name(atom.names);
  }

  pop(): void {
    const atom = this.atoms.pop();
    if (atom === undefined) return;
    this.#bySlot[atom.slot] = undefined;
    this.forget(atom.names);
  }

  /**
   * Does something, and tells whether a further member was needed and not there meanwhile. That is then no shortage of
   * whatever else is asked.
   */
  isShortIn(work: () => void): boolean {
    const before = [...this.short];
    this.short.clear();
    work();
    const isShort = this.short.size > 0;
    this.short.clear();
    for (const sort of before) this.short.add(sort);
    return isShort;
  }

  /** What leads back to the present context, whatever was added since. */
  mark(): () => void {
    const { atoms, absences, chosen } = this;
    const [depth, absent, asked, uses, used] = [
      atoms.length,
      absences.length,
      chosen.length,
      this.#uses.slice(),
      this.#used.map(members => [...members]),
    ];
    return () => {
      for (const { slot } of atoms.splice(depth)) this.#bySlot[slot] = undefined;
      absences.length = absent;
      chosen.length = asked;
      this.#uses.set(uses);
      used.forEach((members, sort) => (this.#used[sort] = [...members]));
    };
  }

  name(members: readonly number[]): void {
    for (const member of members) {
      const uses = (this.#uses[member] ?? 0) + 1;
      this.#uses[member] = uses;
      if (uses > 1) continue;
      const sort = this.space.sortOf[member] ?? 0;
      const used = this.#used[sort] as number[];
      used.push(member);
      if (used.length > (this.most[sort] ?? 0)) this.most[sort] = used.length;
    }
  }

  forget(members: readonly number[]): void {
    for (const member of members) {
      const uses = (this.#uses[member] ?? 0) - 1;
      this.#uses[member] = uses;
      if (uses > 0) continue;
      const used = this.#used[this.space.sortOf[member] ?? 0] as number[];
      used.splice(used.lastIndexOf(member), 1);
    }
  }

  isNamed(member: number): boolean {
    return (this.#uses[member] ?? 0) > 0;
  }

  /** Whether all members that a slot names are named already. */
  isDefinite(slot: number): boolean {
    return (this.space.slotNames[slot] ?? []).every(name => this.isNamed(name));
  }

  /** The members of a sort that are named. */
  named(sort: number): readonly number[] {
    return this.#used[sort] ?? [];
  }

  /** The next member of a sort that nothing names yet. */
  fresh(sort: number): number | undefined {
    const found = this.space.membersOf[sort]?.find(member => !this.isNamed(member));
    if (found === undefined) this.short.add(sort);
    return found;
  }

  /** Whether the candidates, and what loops have found, allow an atom beside those of the context. */
  allows(atom: Atom): boolean {
    const { pairs } = this.candidates;
    for (const other of this.atoms) if (!pairs.has(this.space.pair(atom, other))) return false;
    return this.absences.every(({ slots, lens }) => !slots.has(atom.slot) || !lens(atom.value));
  }

  /** What a slot outside the context may hold. */
  values(slot: number): readonly Atom[] {
    const own = this.space.slotNames[slot] ?? [];
    this.name(own);
    const found: Atom[] = [];
    for (const template of this.candidates.templates(this.space.classOf[slot] ?? 0))
      this.#fill(slot, own, template, found);
    this.forget(own);
    return found;
  }

  #fill(slot: number, own: readonly number[], template: Template, found: Atom[]): void {
    const { numbering, sorts } = template;
    const bound: (number | undefined)[] = [];
    for (const [at, name] of own.entries()) {
      const number = numbering[at] ?? 0;
      if (bound[number] !== undefined && bound[number] !== name) return;
      if (bound[number] === undefined && bound.includes(name)) return;
      bound[number] = name;
    }
    const complete = (at: number, names: readonly number[]): void => {
      const sort = sorts[at];
      if (sort === undefined) {
        const atom = this.space.filled(slot, template, names);
        if (this.allows(atom)) found.push(atom);
        return;
      }
      const number = numbering[own.length + at] ?? 0;
      const given = bound[number];
      if (given !== undefined) {
        complete(at + 1, [...names, given]);
        return;
      }
      for (const member of this.#choices(sort)) {
        if (bound.includes(member)) continue;
        bound[number] = member;
        this.name([member]);
        complete(at + 1, [...names, member]);
        this.forget([member]);
        bound[number] = undefined;
      }
    };
    complete(0, []);
  }

  /** The members that something further may name: those that are named, and the next one. */
  #choices(sort: number): readonly number[] {
    const next = this.fresh(sort);
    return next === undefined ? [...this.named(sort)] : [...this.named(sort), next];
  }

  /** The slots outside the context that are not yet looked at, up to renaming: each names members in use or the next. */
  outside(slots: Iterable<number> = this.space.slots.keys()): readonly number[] {
    this.#widest.forEach((needed, sort) => {
      const all = this.space.membersOf[sort]?.length ?? 0;
      if (all - this.named(sort).length < needed) this.short.add(sort);
    });
    const found: number[] = [];
    for (const slot of slots) if (this.#bySlot[slot] === undefined && this.isNext(slot)) found.push(slot);
    return found;
  }

  /** Whether a slot names only members that are named, and the next ones after them. */
  isNext(slot: number): boolean {
    const names = this.space.slotNames[slot] ?? [];
    let named = 0;
    for (const name of names) {
      if (!this.isNamed(name) && this.fresh(this.space.sortOf[name] ?? 0) !== name) break;
      this.name([name]);
      named++;
    }
    this.forget(names.slice(0, named));
    return named === names.length;
  }
}
