import { Evaluator } from '../learn/evaluate.ts';
import type { Groups } from '../learn/groups.ts';
import type { Property, System } from '../system/system.ts';
import { Orbits, SymmetryRefused } from './orbits.ts';

/** States that the sentences are tried on. The search offers those from which it learned something. */
const MAX_STATES = 512;

/**
 * Refuses a system of which some member can be told from the others: an exchange must turn every call into a call of
 * the system, and no sentence about states may change its mind when members are exchanged. The calls are looked at
 * before anything is explored, the sentences on each of the first states that show something new: one that names a
 * particular member gives itself away there. `verifySymmetry` is the proof for a given size.
 *
 * @throws SymmetryRefused naming the call or the sentence
 */
export class SymmetryCheck {
  readonly #system: System;
  readonly orbits: Orbits;
  readonly #evaluator: Evaluator;
  #states = 0;

  constructor(system: System, groups: Groups) {
    const orbits = new Orbits(system, groups);
    this.#system = system;
    this.orbits = orbits;
    this.#evaluator = new Evaluator(system, groups);
    const actions = new Set(system.actions);
    for (const exchange of orbits.neighbours)
      for (const action of system.actions)
        if (!actions.has(orbits.action(action, orbits.exchanges[exchange] ?? [])))
          throw new SymmetryRefused(
            `an exchange turns a ${action.name} into a call that the system does not have`,
          );
  }

  state(codes: Int32Array): void {
    if (this.#states++ >= MAX_STATES) return;
    const sentences = this.#system.properties.filter(({ kind }) => kind !== 'step');
    const before = sentences.map(property => this.#verdict(property, codes));
    for (const exchange of this.orbits.neighbours) {
      const exchanged = this.orbits.exchanged(codes, exchange);
      sentences.forEach((property, at) => {
        if (this.#verdict(property, exchanged) !== before[at])
          throw new SymmetryRefused(
            `"${property.name}" names a particular member: it changes when two are exchanged`,
          );
      });
    }
  }

  #verdict(property: Property, codes: Int32Array): boolean {
    if (property.kind === 'step') return true;
    const holds = property.instances.map(
      instance => this.#evaluator.evaluate({ kind: 'instance', property: 0, instance }, codes).holds,
    );
    return property.kind === 'sometimes' ? holds.includes(true) : !holds.includes(false);
  }
}
