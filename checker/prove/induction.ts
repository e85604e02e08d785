import type { Candidates } from './candidates.ts';
import { Cases } from './cases.ts';
import type { Context } from './context.ts';
import { Completion } from './completion.ts';
import type { Exclusion, Refuter } from './refuter.ts';
import { changedBy, type LocalStep, Runner } from './runner.ts';
import type { Atom } from './atom.ts';
import type { Space } from './space.ts';
import { familyOf, type Obligation, type Witnesses } from './witnesses.ts';
import type { Action } from '../system/system.ts';

/** A step from what the candidate allows to what it does not: it stays where nothing shows that it cannot happen. */
export interface Escape {
  readonly action: Action;
  readonly result: LocalStep['result'];
  readonly before: readonly Atom[];
  readonly after: readonly Atom[];
  readonly what: string;
}

/** What is looked at on every local step besides the candidate itself. */
export type StepCheck = (step: LocalStep, cases: Cases) => void;

/** Contexts in which one step is held against one exclusion: what takes more is excluded no longer. */
const MAX_COMPLETIONS = 500;

/**
 * Local induction: every call, in every context that the candidate allows, leads to what the candidate allows. Where
 * it does not, the context is shown to be impossible, by what the candidate says of further slots or by a wider
 * exclusion; where that fails, the candidate becomes weaker. A pass that changes nothing is the proof.
 */
export class Induction {
  readonly space: Space;
  readonly context: Context;
  readonly cases: Cases;
  /** What made the candidate weaker, the first ones of all passes. */
  readonly escapes: Escape[] = [];
  /** Whether the pass under way changed the candidate. */
  changed = false;
  /** Local steps that were taken. */
  steps = 0;
  readonly #candidates: Candidates;
  readonly #refuter: Refuter;
  readonly #witnesses: Witnesses;
  readonly #checks: readonly StepCheck[];

  constructor(
    context: Context,
    candidates: Candidates,
    {
      refuter,
      witnesses,
      checks,
    }: { refuter: Refuter; witnesses: Witnesses; checks: readonly StepCheck[] },
  ) {
    this.space = context.space;
    this.context = context;
    this.cases = new Cases(new Runner(context));
    this.#candidates = candidates;
    this.#refuter = refuter;
    this.#witnesses = witnesses;
    this.#checks = checks;
  }

  /** Takes one call in every context. */
  take(at: number): void {
    const action = this.space.system.actions[at];
    if (action === undefined) return;
    const names = this.space.membersNamed(this.space.actionShape(at), action.name);
    this.context.name(names);
    this.cases.call(action, step => {
      this.steps++;
      for (const check of this.#checks) check(step, this.cases);
      this.#keeps(step);
    });
    this.context.forget(names);
  }

  #keeps(step: LocalStep): void {
    const changed = changedBy(step, this.context);
    if (changed.length === 0 && step.loops.size === 0) return;
    this.#keepsPairs(step, changed);
    this.#keepsExclusions(step, changed);
    this.#keepsWitnesses(step, changed);
  }

  /** The atom that a slot of the context becomes. */
  #after(step: LocalStep, atom: Atom): Atom {
    const value = step.writes.get(atom.slot);
    return value === undefined ? atom : this.space.atom(atom.slot, value);
  }

  #keepsPairs(step: LocalStep, changed: readonly Atom[]): void {
    const { context } = this;
    for (const one of changed) this.#unit(step, one);
    for (const one of changed)
      for (const other of context.atoms)
        if (other.slot !== one.slot) this.#pair(step, one, this.#after(step, other));
    for (const slot of context.outside())
      for (const atom of context.values(slot))
        this.cases.beside(step, atom, next => {
          const after = this.#after(next, atom);
          for (const one of changedBy(next, context)) if (one.slot !== slot) this.#pair(next, one, after);
          if (after !== atom)
            for (const other of context.atoms)
              if (other !== atom) this.#pair(next, after, this.#after(next, other));
        });
  }

  #unit(step: LocalStep, atom: Atom): void {
    if (this.#candidates.hasUnit(atom) || this.#isExplained()) return;
    this.#escape(step, [atom], 'a slot holds this');
    this.#candidates.addUnit(this.space, atom);
    this.changed = true;
  }

  #pair(step: LocalStep, one: Atom, other: Atom): void {
    const { pairs } = this.#candidates;
    const kind = this.space.pair(one, other);
    if (pairs.has(kind) || this.#refuter.isImpossible()) return;
    this.#escape(step, [one, other], 'these two stand together');
    this.#candidates.addPair(this.space, one, other);
    this.changed = true;
  }

  /** Whether the context is no part of a state after all; what shows that may be new. */
  #isExplained(): boolean {
    if (this.#refuter.isImpossible()) return true;
    if (!this.#refuter.exclude()) return false;
    this.changed = true;
    return true;
  }

  #escape(step: LocalStep, after: readonly Atom[], what: string): void {
    const { action, result } = step;
    if (this.escapes.length < 200)
      this.escapes.push({ action, result, before: [...this.context.atoms], after, what });
  }

  #keepsExclusions(step: LocalStep, changed: readonly Atom[]): void {
    for (const exclusion of this.#refuter.exclusions.values()) {
      const completion = new Completion(this.cases, exclusion, step);
      let isKept = true;
      const isDone = this.cases.within(MAX_COMPLETIONS, () =>
        completion.each(changed, next => {
          if (!isKept || this.#isExplained()) return;
          isKept = false;
          this.#escape(
            next,
            this.context.atoms.map(atom => this.#after(next, atom)),
            `these ${exclusion.atoms.length} stand together`,
          );
        }),
      );
      if (!isKept || !isDone) this.#dropExclusion(exclusion);
    }
  }

  #dropExclusion(exclusion: Exclusion): void {
    this.#refuter.drop(exclusion);
    this.changed = true;
  }

  #keepsWitnesses(step: LocalStep, changed: readonly Atom[]): void {
    const { context, space } = this;
    if (this.#witnesses.all.length === 0) return;
    for (const atom of changed)
      for (const obligation of this.#witnesses.of(space, atom)) this.#needs(step, atom, obligation, 2);
    const lost = changed.flatMap(atom => context.at(atom.slot) ?? []);
    const isLost = (atom: Atom, { witnesses }: Obligation): boolean =>
      lost.some(before => before !== atom && witnesses.has(space.pair(atom, before)));
    for (const atom of [...context.atoms]) {
      if (step.writes.has(atom.slot)) continue;
      for (const obligation of this.#witnesses.of(space, atom))
        if (isLost(atom, obligation)) this.#needs(step, atom, obligation, 2);
    }
    for (const slot of context.outside())
      for (const atom of context.values(slot)) {
        const obligations = this.#witnesses
          .of(space, atom)
          .filter(obligation => step.loops.size > 0 || isLost(atom, obligation));
        if (obligations.length === 0) continue;
        this.cases.beside(step, atom, next => {
          if (this.#after(next, atom) !== atom) return;
          for (const obligation of obligations) this.#needs(next, atom, obligation, 2);
        });
      }
  }

  /** Whether the witness of an atom is there after the step; where it was before decides, so that is gone through. */
  #needs(step: LocalStep, atom: Atom, obligation: Obligation, depth: number): void {
    const { context, space } = this;
    const isThere = (): boolean =>
      context.atoms.some(
        other =>
          other.slot !== atom.slot && obligation.witnesses.has(space.pair(atom, this.#after(step, other))),
      );
    if (isThere()) return;
    if (depth > 0) {
      // a slot of members that are named is there: what it may hold beside the others can be a witness in every case
      for (const slot of context.outside()) {
        if (!context.isDefinite(slot)) continue;
        const values = context.values(slot);
        if (!values.some(other => obligation.witnesses.has(space.pair(atom, other)))) continue;
        for (const other of values)
          this.cases.beside(step, other, next => this.#needs(next, atom, obligation, depth - 1));
        return;
      }
      for (const owner of [...context.atoms])
        for (const earlier of this.#witnesses.of(space, owner)) {
          const had = (other: Atom): boolean =>
            other !== owner && earlier.witnesses.has(space.pair(owner, other));
          if (context.atoms.some(had)) continue;
          for (const slot of context.outside())
            for (const other of context.values(slot).filter(had))
              this.cases.beside(step, other, next => this.#needs(next, atom, obligation, depth - 1));
          return;
        }
    }
    if (this.#isExplained()) return;
    this.#escape(step, [atom], 'what must exist beside this one need not');
    this.#witnesses.choose(
      obligation,
      context.atoms
        .filter(other => other !== atom)
        .map(other => space.pair(atom, other))
        .filter(kind => obligation.witnesses.has(kind)),
      context.atoms
        .map(other => this.#after(step, other))
        .filter(other => other.slot !== atom.slot && familyOf(space, atom, other) !== undefined)
        .map(other => space.pair(atom, other)),
    );
    this.changed = true;
  }
}

/** One call of each shape, by index. */
export function representatives(space: Space): readonly number[] {
  const shapes = new Map<string, number>();
  space.system.actions.forEach((_, at) => {
    const { shape, names } = space.actionShape(at);
    const numbers = space.membersNamed({ shape, names }, 'a call');
    const sorts = names.map(({ sort }) => sort).join();
    const key = `${shape}(${sorts})${numbers.map(name => numbers.indexOf(name)).join()}`;
    if (!shapes.has(key)) shapes.set(key, at);
  });
  return [...shapes.values()];
}
