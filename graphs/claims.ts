import type { Exploration, LearnedStep, Property, Relations } from '../checker/index.ts';
import { all, any, type Formula, not, where } from './formula.ts';

/** A sentence as a predicate that another checker asks of every state, and what our engine says of it. */
export interface Claim {
  /** Unique among the claims, of letters, digits and underscores. */
  readonly key: string;
  readonly kind: Property['kind'] | 'twin' | 'deadlock';
  readonly sentence: string;
  /** True in every state unless the sentence is violated; for a `sometimes`, unless it is reached. */
  readonly formula: Formula;
  /** Whether our engine found a state in which the formula is false; `undefined` where its run was partial. */
  readonly isBroken: boolean | undefined;
}

/**
 * Everything that a predicate of single states can say. The table of a property lists where its members were found
 * to hold, so that a state with a combination that was never seen breaks the claim. A call that breaks a step
 * property, or that the twin does not follow, breaks the claim wherever the call can be made. `recoverable` is no
 * such predicate and stays behind.
 */
export function claimsOf(relations: Relations): readonly Claim[] {
  const { system, found } = relations;
  const properties = found.properties.flatMap((outcome, index): Claim[] => {
    const { property, verdict } = outcome;
    const { kind, name: sentence } = property;
    if (kind === 'recoverable') return [];
    const isBroken = verdict === 'undecided' ? undefined : verdict === 'violated' || verdict === 'reached';
    const isShared = system.properties.filter(({ id }) => id === property.id).length > 1;
    const key = `${kind}_${property.id === undefined || isShared ? index : property.id}`.replaceAll(
      /\W/g,
      '_',
    );
    return [{ key, kind, sentence, formula: formulaOf(relations, property, index), isBroken }];
  });
  const { twin, deadlock } = found;
  return [
    ...properties,
    ...(twin === undefined || system.twin === undefined
      ? []
      : [
          {
            key: 'twin',
            kind: 'twin' as const,
            sentence: `every call does what ${system.twin.name} does`,
            formula: not(someStep(relations, ({ breaks }) => breaks.includes('twin'))),
            isBroken: broken(found, twin.disagreement !== undefined),
          },
        ]),
    ...(deadlock.mode === 'off'
      ? []
      : [
          {
            key: 'way_on',
            kind: 'deadlock' as const,
            sentence: deadlock.mode === 'stuck' ? 'some call can be made' : 'some call changes the state',
            formula: someStep(relations, ({ result, writes }) =>
              deadlock.mode === 'stuck' ? result !== undefined : writes.length > 0,
            ),
            isBroken: broken(found, deadlock.trace !== undefined),
          },
        ]),
  ];
}

const broken = ({ bound }: Exploration, isFound: boolean): boolean | undefined =>
  isFound ? true : bound === undefined ? false : undefined;

function formulaOf({ steps, members }: Relations, property: Property, index: number): Formula {
  if (property.kind === 'step')
    return not(any(steps.map(({ decision }) => where(decision, ({ breaks }) => breaks.includes(index)))));
  const holds = members
    .filter(member => member.property === index)
    .map(({ decision }) => where(decision, as => as));
  return property.kind === 'sometimes' ? not(any(holds)) : all(holds);
}

const someStep = ({ steps }: Relations, is: (step: LearnedStep) => boolean): Formula =>
  any(steps.map(({ decision }) => where(decision, is)));
