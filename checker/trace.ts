import type { Discovery } from './discovery.ts';
import type { PartWrite } from './evaluate.ts';
import type { Trace, TraceStep } from './outcome.ts';
import type { Search } from './search.ts';
import type { Action, Result, System } from './system.ts';

/** A call with what it changes, by codes. */
export interface Call {
  readonly action: Action;
  readonly result: Result;
  readonly writes: readonly PartWrite[];
}

/** Tells paths: by finding, for a state, the state that discovered it and the call that did. */
export class Tracer {
  readonly #system: System;
  readonly #search: Search;
  readonly #discovery: Discovery;

  constructor(system: System, search: Search, discovery: Discovery) {
    this.#system = system;
    this.#search = search;
    this.#discovery = discovery;
  }

  /** The shortest path to a state, and beyond it by one more call where `last` is given. */
  to(state: number, last?: Call): Trace {
    const steps: TraceStep[] = last === undefined ? [] : [this.#step(last)];
    for (let at = state; at > 0;) {
      const { parent, call } = this.#discoverer(at);
      steps.push(this.#step(call));
      at = parent;
    }
    return { steps: steps.reverse(), shortest: true };
  }

  #discoverer(found: number): { parent: number; call: Call } {
    const { arena, parts } = this.#search;
    const target = arena.unpack(found, new Int32Array(parts.all.length));
    const { from, to } = this.#discovery.candidates(found);
    for (let parent = from; parent < to; parent++) {
      const call = this.#callBetween(arena.unpack(parent, new Int32Array(parts.all.length)), target);
      if (call !== undefined) return { parent, call };
    }
    throw new Error(`state ${found} has no parent`);
  }

  #callBetween(before: Int32Array, after: Int32Array): Call | undefined {
    const differing = before.reduce((count, code, part) => count + (code === after[part] ? 0 : 1), 0);
    for (const node of this.#search.forest.path(before, 0))
      for (const { writes, calls } of node.moves)
        if (writes.length === differing && writes.every(({ part, to }) => after[part.index] === to))
          return calls[0];
    return undefined;
  }

  #step({ action, result, writes }: Call): TraceStep {
    const after = new Map(
      writes.flatMap(({ part, from, to }) =>
        part.slots.map(
          (slot, at) => [slot, { before: part.tuple(from)[at], after: part.tuple(to)[at] }] as const,
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
