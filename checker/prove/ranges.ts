import type { Ranges } from '../system/system.ts';
import type { Cases } from './cases.ts';
import type { Refuter } from './refuter.ts';
import type { LocalStep } from './runner.ts';

/** The sentence that is asked where a system says what its ranges are made of. */
export const RANGES = 'a call over any number of members does what calls over one of them do, or nothing';

const isDone = ({ result }: LocalStep): boolean => result === 0;

/** A slot that one call writes and another one reads or writes. */
function sharedSlot(one: LocalStep, other: LocalStep): number | undefined {
  const touches = ({ reads, writes }: LocalStep, slot: number): boolean =>
    reads.has(slot) || writes.has(slot);
  return (
    [...one.writes.keys()].find(slot => touches(other, slot)) ??
    [...other.writes.keys()].find(slot => touches(one, slot))
  );
}

/**
 * Why calls over many members are not proven to be made of calls over one; `undefined` where they are. A combinator
 * that checks each member, and then writes for each, makes any number of calls one if what they touch is disjoint:
 * whether it is, is looked at for two members in every context that the candidate allows.
 */
export function rangeProblem(
  { uncombined, beside }: Ranges,
  cases: Cases,
  refuter: Refuter,
): string | undefined {
  if (uncombined !== undefined) return uncombined;
  const { context } = cases;
  const { space } = context;
  let problem: string | undefined;
  for (const [one, other] of beside) {
    const names = [one, other].flatMap(action =>
      space.membersNamed(space.actionShape(space.system.actions.indexOf(action)), action.name),
    );
    context.name(names);
    cases.call(one, first =>
      cases.call(other, second => {
        if (problem !== undefined || !isDone(first) || !isDone(second)) return;
        const slot = sharedSlot(first, second);
        if (slot !== undefined && !refuter.isImpossible())
          problem = `${one.name}: two members of a range meet in ${space.slots[slot]?.name ?? ''}`;
      }),
    );
    context.forget(names);
  }
  return problem;
}
