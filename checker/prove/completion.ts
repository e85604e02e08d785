import type { Cases } from './cases.ts';
import type { Exclusion } from './refuter.ts';
import type { LocalStep } from './runner.ts';
import type { Atom } from './atom.ts';
import type { Space } from './space.ts';

/** Finds the contexts in which a step leads to what an exclusion forbids: it says itself which further slots they have. */
export class Completion {
  readonly #cases: Cases;
  readonly #exclusion: Exclusion;
  readonly #step: LocalStep;
  readonly #space: Space;

  constructor(cases: Cases, exclusion: Exclusion, step: LocalStep) {
    this.#cases = cases;
    this.#exclusion = exclusion;
    this.#step = step;
    this.#space = cases.context.space;
  }

  /** Hands on every context that the candidate allows before the step, and that is forbidden after it. */
  each(changed: readonly Atom[], then: (step: LocalStep) => void): void {
    const { atoms } = this.#exclusion;
    for (const one of changed)
      atoms.forEach((pattern, at) => {
        if (pattern.head !== one.head) return;
        const bound = this.#bind(pattern, one, new Map());
        if (bound !== undefined) this.#complete(this.#step, new Set([at]), bound, then);
      });
  }

  /** The members that a pattern's members are, once it is this atom. */
  #bind(pattern: Atom, atom: Atom, known: ReadonlyMap<number, number>): Map<number, number> | undefined {
    const bound = new Map(known);
    for (const [at, name] of pattern.names.entries()) {
      const is = atom.names[at];
      if (is === undefined) return undefined;
      const was = bound.get(name);
      if (was === undefined && [...bound.values()].includes(is)) return undefined;
      if (was !== undefined && was !== is) return undefined;
      bound.set(name, is);
    }
    return bound;
  }

  #complete(
    step: LocalStep,
    done: ReadonlySet<number>,
    bound: ReadonlyMap<number, number>,
    then: (step: LocalStep) => void,
  ): void {
    const at = this.#next(done, bound);
    if (at === undefined) {
      then(step);
      return;
    }
    const pattern = this.#exclusion.atoms[at] as Atom;
    const free = pattern.names.find(name => !bound.has(name));
    if (free === undefined) this.#place(step, at, done, bound, then);
    else
      for (const member of this.#choices(free, bound)) {
        this.#cases.context.name([member]);
        this.#complete(step, done, new Map([...bound, [free, member]]), then);
        this.#cases.context.forget([member]);
      }
  }

  /** The position with the fewest members left open. */
  #next(done: ReadonlySet<number>, bound: ReadonlyMap<number, number>): number | undefined {
    let best: number | undefined;
    let fewest = Infinity;
    for (const [at, { names }] of this.#exclusion.atoms.entries()) {
      if (done.has(at)) continue;
      const open = names.filter(name => !bound.has(name)).length;
      if (open < fewest) [best, fewest] = [at, open];
    }
    return best;
  }

  #choices(name: number, bound: ReadonlyMap<number, number>): readonly number[] {
    const { context } = this.#cases;
    const sort = this.#space.sortOf[name] ?? 0;
    const next = context.fresh(sort);
    const taken = new Set(bound.values());
    return [...context.named(sort), ...(next === undefined ? [] : [next])].filter(
      member => !taken.has(member),
    );
  }

  #place(
    step: LocalStep,
    at: number,
    done: ReadonlySet<number>,
    bound: ReadonlyMap<number, number>,
    then: (step: LocalStep) => void,
  ): void {
    const { context } = this.#cases;
    const pattern = this.#exclusion.atoms[at] as Atom;
    const template = this.#exclusion.templates[at];
    if (template === undefined) return;
    const names = pattern.names.map(name => bound.get(name) ?? 0);
    const slot = this.#space.slotNamed(template.class, names.slice(0, pattern.own));
    if (slot === undefined) return;
    const wanted = this.#space.made(slot, template.shape, names.slice(pattern.own));
    const also = new Set([...done, at]);
    const here = context.at(slot);
    if (here !== undefined) {
      const value = step.writes.get(slot) ?? here.value;
      if (value === wanted.value) this.#complete(step, also, bound, then);
      return;
    }
    if (step.loops.size === 0) {
      if (context.allows(wanted))
        this.#cases.beside(step, wanted, next => this.#complete(next, also, bound, then));
      return;
    }
    for (const before of context.values(slot))
      this.#cases.beside(step, before, next => {
        if ((next.writes.get(slot) ?? before.value) === wanted.value)
          this.#complete(next, also, bound, then);
      });
  }
}
