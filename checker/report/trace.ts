import type { Evaluator, GroupWrite } from '../learn/evaluate.ts';
import type { Parents } from '../search/parents.ts';
import type { Search } from '../search/search.ts';
import { Canonizer, Orbits, SymmetryRefused } from '../symmetry/orbits.ts';
import type { Trace, TraceStep } from '../system/exploration.ts';
import type { Action, Result, System } from '../system/system.ts';

/** A call with what it changes, by codes. */
export interface Call {
  readonly action: Action;
  readonly result: Result;
  readonly writes: readonly GroupWrite[];
}

/** Tells paths: by finding, for a state, the state that discovered it and the call that did. */
export class Tracer {
  readonly #system: System;
  readonly #search: Search;
  readonly #parents: Parents;
  readonly #evaluator: Evaluator;

  constructor(system: System, search: Search, parents: Parents, evaluator: Evaluator) {
    this.#system = system;
    this.#search = search;
    this.#parents = parents;
    this.#evaluator = evaluator;
  }

  /** The shortest path to a state, and beyond it by one more call where `last` is given. */
  to(state: number, last?: Call): Trace {
    return this.toEnd(state, last).trace;
  }

  /** The same with the codes of the state that the path ends in, and the last call as the path tells it. */
  toEnd(state: number, last?: Call): { trace: Trace; codes: Int32Array; last: Call | undefined } {
    const calls: { call: Call; found: number }[] = last === undefined ? [] : [{ call: last, found: -1 }];
    for (let at = state; at > 0;) {
      const { parent, call } = this.#discoverer(at);
      calls.push({ call, found: at });
      at = parent;
    }
    const { orbits } = this.#search;
    const codes = new Int32Array(this.#search.groups.all.length);
    const told = orbits === undefined ? calls.map(({ call }) => call) : [];
    if (orbits !== undefined) this.#undoExchanges(orbits, calls, told);
    const steps = told.reverse().map(call => {
      for (const { group, to } of call.writes) codes[group.index] = to;
      return this.#step(call);
    });
    return { trace: { steps, shortest: true }, codes, last: last && told.at(-1) };
  }

  /**
   * Tells a path over orbits in the names it started with. Where the search went on with the first of a state's
   * orbit, the path goes on with the state itself: the call that follows is exchanged back.
   */
  #undoExchanges(orbits: Orbits, calls: readonly { call: Call; found: number }[], told: Call[]): void {
    const { groups, states } = this.#search;
    const canonizer = new Canonizer(orbits.tables, states.packing.lanes, states.packing.words);
    const kept = new Int32Array(groups.all.length);
    const codes = new Int32Array(groups.all.length);
    let back = orbits.exchanges[0] ?? [];
    for (const { call, found } of [...calls].reverse()) {
      const action = orbits.action(call.action, back);
      const { result, writes } = this.#evaluator.evaluate({ kind: 'action', action }, codes);
      if (result !== call.result)
        throw new SymmetryRefused(`${action.name} is not the same when members are exchanged`);
      told.unshift({ action, result, writes });
      for (const { group, to } of writes) codes[group.index] = to;
      for (const { group, to } of call.writes) kept[group.index] = to;
      back = Orbits.after(back, orbits.exchanges[canonizer.first(kept).exchange] ?? []);
      if (found >= 0) states.unpack(found, kept);
    }
  }

  #discoverer(found: number): { parent: number; call: Call } {
    const { states, groups } = this.#search;
    const target = states.unpack(found, new Int32Array(groups.all.length));
    const { from, to } = this.#parents.among(found);
    for (let parent = from; parent < to; parent++) {
      const call = this.#callBetween(states.unpack(parent, new Int32Array(groups.all.length)), target);
      if (call !== undefined) return { parent, call };
    }
    throw new Error(`state ${found} has no parent`);
  }

  #callBetween(before: Int32Array, after: Int32Array): Call | undefined {
    const differing = before.reduce((count, code, group) => count + (code === after[group] ? 0 : 1), 0);
    for (const node of this.#search.forest.path(before, 0))
      for (const { writes, calls } of node.moves)
        if (this.#leadsTo(before, writes, after, differing)) return calls[0];
    return undefined;
  }

  #leadsTo(
    before: Int32Array,
    writes: readonly GroupWrite[],
    after: Int32Array,
    differing: number,
  ): boolean {
    const { orbits, states } = this.#search;
    if (orbits === undefined)
      return writes.length === differing && writes.every(({ group, to }) => after[group.index] === to);
    const codes = before.slice();
    for (const { group, to } of writes) codes[group.index] = to;
    const canonizer = new Canonizer(orbits.tables, states.packing.lanes, states.packing.words);
    canonizer.first(codes);
    return canonizer.best.every((code, group) => code === after[group]);
  }

  #step({ action, result, writes }: Call): TraceStep {
    const after = new Map(
      writes.flatMap(({ group, from, to }) =>
        group.slots.map(
          (slot, at) => [slot, { before: group.tuple(from)[at], after: group.tuple(to)[at] }] as const,
        ),
      ),
    );
    const changes = this.#system.slots.flatMap(slot => {
      const change = after.get(slot);
      return change?.before === undefined ||
        change.after === undefined ||
        Object.is(change.before, change.after)
        ? []
        : [{ slot, before: change.before, after: change.after }];
    });
    return { action, result, changes };
  }
}
