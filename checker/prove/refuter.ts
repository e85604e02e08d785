import type { Context } from './context.ts';
import { subsets } from './kind.ts';
import type { Samples } from './samples.ts';
import type { Atom, Template } from './atom.ts';
import type { Obligation, Witnesses } from './witnesses.ts';

/** More values than this of one slot are not gone through one by one. */
const MAX_CASES = 12;

/** Contexts that are made impossible, or tried to be: a candidate that needs more of it proves nothing soon. */
const MAX_TRIES = 2000;

/** Three or more atoms of which the candidate says that they never stand together, whomever they name. */
export interface Exclusion {
  readonly kind: number;
  readonly atoms: readonly Atom[];
  readonly templates: readonly Template[];
}

/** Decides which contexts are parts of no state that the candidate allows, and strengthens it where it must be. */
export class Refuter {
  readonly exclusions = new Map<number, Exclusion>();
  readonly #context: Context;
  readonly #witnesses: Witnesses;
  readonly #samples: Samples;
  /** The most atoms of an exclusion. */
  readonly #width: number;
  readonly #dead = new Set<number>();
  readonly #unreached = new Map<number, boolean>();
  /** Whether a context was let pass because no sample is large enough to judge it yet. */
  isWaiting = false;

  /** Contexts that were to be made impossible. */
  #tries = 0;
  /** Whether nothing more is excluded: what was excluded may still be dropped. */
  isFrozen = false;

  constructor(context: Context, witnesses: Witnesses, samples: Samples, width: number) {
    this.#context = context;
    this.#witnesses = witnesses;
    this.#samples = samples;
    this.#width = width;
  }

  drop({ kind }: Exclusion): void {
    this.exclusions.delete(kind);
    this.#dead.add(kind);
  }

  /** Whether the context is a part of no state that the candidate allows. */
  isImpossible(depth = 1): boolean {
    if (this.#isExcluded()) return true;
    const open = this.#openSlots();
    if (open.some(({ values }) => values.length === 0)) return true;
    const wanting = this.wanting();
    if (wanting.some(obligation => this.witnessesFor(obligation.atom, obligation.obligation).length === 0))
      return true;
    if (depth === 0) return false;
    const isImpossible = (atoms: readonly Atom[]): boolean =>
      atoms.every(atom => this.#with(atom, () => this.isImpossible(depth - 1)));
    return (
      open.some(({ values }) => isImpossible(values)) ||
      wanting.some(({ atom, obligation }) => {
        const cases = this.witnessesFor(atom, obligation);
        return cases.length <= MAX_CASES && isImpossible(cases);
      })
    );
  }

  /** Makes the context impossible by exclusions of what no sample has shown. Whether that could be done, or may be yet. */
  exclude(depth = 1): boolean {
    this.isWaiting = false;
    if (this.isFrozen || ++this.#tries > MAX_TRIES) return false;
    const chosen = this.#excluding(depth);
    for (const exclusion of chosen ?? []) this.exclusions.set(exclusion.kind, exclusion);
    // where a sample is awaited, it will be asked again with the sample
    return chosen !== undefined || this.isWaiting;
  }

  #excluding(depth: number): readonly Exclusion[] | undefined {
    const direct = this.#neverSeen();
    if (direct !== undefined) return [direct];
    if (depth === 0) return undefined;
    const cases = [
      ...this.#openSlots().map(({ values }) => values),
      ...this.wanting().map(({ atom, obligation }) => this.witnessesFor(atom, obligation)),
    ];
    for (const atoms of cases) {
      if (atoms.length > MAX_CASES) continue;
      const chosen: Exclusion[] = [];
      const isDone = atoms.every(atom =>
        this.#with(atom, () => {
          if (this.isImpossible(0)) return true;
          const more = this.#excluding(depth - 1);
          if (more !== undefined) chosen.push(...more);
          return more !== undefined;
        }),
      );
      if (isDone) return chosen;
    }
    return undefined;
  }

  #with<T>(atom: Atom, ask: () => T): T {
    this.#context.push(atom);
    const answer = ask();
    this.#context.pop();
    return answer;
  }

  #isExcluded(): boolean {
    const { atoms, space } = this.#context;
    const matches = (excluded: Exclusion, chosen: readonly Atom[]): boolean => {
      const next = excluded.atoms[chosen.length];
      if (next === undefined) return space.kind(chosen) === excluded.kind;
      return atoms.some(
        atom => atom.head === next.head && !chosen.includes(atom) && matches(excluded, [...chosen, atom]),
      );
    };
    return [...this.exclusions.values()].some(exclusion => matches(exclusion, []));
  }

  /** Slots that are there whatever else is, with the values that go with the context. The fewest first. */
  #openSlots(): readonly { readonly slot: number; readonly values: readonly Atom[] }[] {
    const context = this.#context;
    const found: { readonly slot: number; readonly values: readonly Atom[] }[] = [];
    for (const slot of context.space.slots.keys()) {
      if (context.at(slot) !== undefined || !context.isDefinite(slot)) continue;
      const values = context.values(slot);
      if (values.length <= MAX_CASES) found.push({ slot, values });
    }
    return found.sort((one, other) => one.values.length - other.values.length);
  }

  /** Atoms of the context whose witness is not in the context. */
  wanting(): readonly { readonly atom: Atom; readonly obligation: Obligation }[] {
    const { atoms, space } = this.#context;
    return atoms.flatMap(atom =>
      this.#witnesses
        .of(space, atom)
        .filter(
          ({ witnesses }) => !atoms.some(other => other !== atom && witnesses.has(space.pair(atom, other))),
        )
        .map(obligation => ({ atom, obligation })),
    );
  }

  /** What outside the context could be the witness of one of its atoms. */
  witnessesFor(atom: Atom, { witnesses }: Obligation): readonly Atom[] {
    const context = this.#context;
    return context
      .outside()
      .flatMap(slot => context.values(slot))
      .filter(other => witnesses.has(context.space.pair(atom, other)));
  }

  /**
   * The fewest atoms of the context, with the fewest members, that no sample large enough for them has shown together.
   * Atoms that have nothing to do with one another stand together in some larger instance, whatever a small one shows.
   */
  #neverSeen(): Exclusion | undefined {
    const { atoms, space } = this.#context;
    for (let size = 3; size <= Math.min(this.#width, atoms.length); size++) {
      const linked = [...subsets(atoms, size)].filter(isLinked);
      const byMembers = linked.toSorted((one, other) => membersOf(one).size - membersOf(other).size);
      for (const some of byMembers) {
        const kind = space.kind(some);
        if (!this.#dead.has(kind) && this.#isUnreached(kind, some))
          return { kind, atoms: some, templates: some.map(atom => space.templateOf(atom)) };
      }
    }
    return undefined;
  }

  #isUnreached(kind: number, atoms: readonly Atom[]): boolean {
    const known = this.#unreached.get(kind);
    if (known !== undefined) return known;
    const evidence = this.#samples.evidence(atoms, this.#context.space);
    if (evidence === 'unknown') {
      this.isWaiting = true;
      return false;
    }
    this.#unreached.set(kind, evidence === 'never');
    return evidence === 'never';
  }
}

const membersOf = (atoms: readonly Atom[]): ReadonlySet<number> =>
  new Set(atoms.flatMap(({ names }) => names));

/** Whether each atom names a member of another one, directly or by way of others, or names none at all. */
function isLinked(atoms: readonly Atom[]): boolean {
  const [first, ...others] = atoms.filter(({ names }) => names.length > 0);
  const reached = new Set(first?.names);
  let left = others;
  for (;;) {
    const next = left.filter(({ names }) => !names.some(name => reached.has(name)));
    if (next.length === left.length) return next.length === 0;
    for (const { names } of left)
      if (names.some(name => reached.has(name))) names.forEach(name => reached.add(name));
    left = next;
  }
}
