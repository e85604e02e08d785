import type { System } from '../system/system.ts';
import type { Atom } from './atom.ts';
import { Cases } from './cases.ts';
import { Context } from './context.ts';
import { representatives } from './induction.ts';
import type { Proof } from './prove.ts';
import { type LocalStep, Runner } from './runner.ts';
import { Space } from './space.ts';

/** What a slot may hold, whoever is named: a relation between members. */
export interface Head {
  readonly id: number;
  readonly name: string;
  readonly class: string;
  /** The sorts of the members that the slot names, then of those that the value names. */
  readonly sorts: readonly string[];
  /** How many of them the slot names. */
  readonly own: number;
}

/** Some heads with names of which those with one number are one member, and those with different numbers are not. */
export interface Pattern {
  readonly heads: readonly number[];
  readonly numbering: readonly number[];
}

/** What stands: a head with its members, by number. */
export interface Standing {
  readonly head: number;
  readonly names: readonly number[];
}

/** A call in one context: what it finds, and what it writes. */
export interface ObligedStep {
  readonly call: string;
  readonly before: readonly Standing[];
  readonly writes: readonly Standing[];
}

/** What has to be true for a candidate to be an inductive invariant, for whoever checks that by other means. */
export interface Obligations {
  readonly heads: readonly Head[];
  /** By the number of a member, its sort. */
  readonly sortOf: readonly string[];
  readonly units: readonly Pattern[];
  readonly pairs: readonly Pattern[];
  readonly excluded: readonly Pattern[];
  /** Wherever the unit stands, something stands of which the two are one of these pairs. */
  readonly witnesses: readonly { readonly unit: Pattern; readonly kinds: readonly Pattern[] }[];
  readonly initial: readonly Pattern[];
  readonly steps: readonly ObligedStep[];
  /** Calls that loop over members: what they write is no finite context, and they are left out. */
  readonly left: readonly string[];
}

/** The text of a kind, `3,4:0,1,0`, as what it says. */
function patternOf(text: string): Pattern {
  const [heads = '', names = ''] = text.split(':');
  const numbers = (part: string): number[] => (part === '' ? [] : part.split(',').map(Number));
  return { heads: numbers(heads), numbering: numbers(names) };
}

/**
 * The obligations of a proof's candidate under the calls of a system: its own, or one with a fault in it, of which one
 * of the obligations is then false.
 */
export function obligationsOf(proof: Proof, system: System = proof.system): Obligations {
  const { candidates, refuter, witnesses } = proof;
  const { language } = proof.space;
  const space = new Space(system, language);
  const context = new Context(space, candidates);
  const units = [...candidates.unitKeys].map(patternOf);
  const standing = ({ head, names }: Atom): Standing => ({ head, names });
  const [steps, left] = [new Array<ObligedStep>(), new Set<string>()];
  const collect = (step: LocalStep): void => {
    if (step.loops.size > 0 || context.absences.length > 0) left.add(step.action.name);
    else
      steps.push({
        call: step.action.name,
        before: context.atoms.map(standing),
        writes: [...step.writes].map(([slot, value]) => standing(space.atom(slot, value))),
      });
  };
  const cases = new Cases(new Runner(context));
  for (const at of representatives(space)) {
    const action = system.actions[at];
    if (action === undefined) continue;
    const names = space.membersNamed(space.actionShape(at), action.name);
    context.name(names);
    cases.call(action, collect);
    context.forget(names);
  }
  const kindOf = (kind: number): Pattern => patternOf(language.kinds.text(kind));
  const initial = new Set(
    space.slots.map(({ initial: value }, slot) =>
      language.kinds.text(space.kind([space.atom(slot, value)])),
    ),
  );
  const sortText = (sort: number): string => language.sorts.text(sort);
  return {
    heads: [...language.namesOf].map(([id, { own, value }]) => {
      const name = language.heads.text(id);
      const sorts = [...own, ...value].map(sortText);
      return { id, name, class: name.slice(0, name.indexOf('=')), sorts, own: own.length };
    }),
    sortOf: space.sortOf.map(sortText),
    units,
    pairs: [...candidates.pairs].map(kindOf),
    excluded: [...refuter.exclusions.keys()].map(kindOf),
    witnesses: witnesses.all.map(({ unit, witnesses: kinds }) => ({
      unit: kindOf(unit),
      kinds: [...kinds].map(kindOf),
    })),
    initial: [...initial].map(patternOf),
    steps: steps.filter(({ call }) => !left.has(call)),
    left: [...left],
  };
}
