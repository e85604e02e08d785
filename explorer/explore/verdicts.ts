import type { Property, Read, Value, System } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import type { TakenStep } from '../session.ts';

/** What a property says of one state, or of the step that led to it. */
export interface VerdictHere {
  readonly property: Property;
  readonly holds: boolean;
  /** Which member fails and why, or which one holds for a `sometimes`. */
  readonly detail: string;
}

function firstMember(
  property: Exclude<Property, { kind: 'step' }>,
  read: Read,
  wanted: boolean,
): string | undefined {
  for (const { about, holds } of property.instances) {
    const verdict = holds(read);
    const isTrue = typeof verdict === 'boolean' ? verdict : verdict.holds;
    if (isTrue !== wanted) continue;
    const why = typeof verdict === 'object' && !verdict.holds ? verdict.why : '';
    return [about, why].filter(part => part !== '').join(': ');
  }
  return undefined;
}

/** The verdict of every property here: `always` and `step` must hold; `sometimes` and `recoverable` may. */
export function verdictsHere(
  system: System,
  before: readonly Value[] | undefined,
  state: readonly Value[],
  last: TakenStep | undefined,
): VerdictHere[] {
  const read = readerOf(system.slots, state);
  return system.properties.map((property): VerdictHere => {
    switch (property.kind) {
      case 'always': {
        const failed = firstMember(property, read, false);
        return { property, holds: failed === undefined, detail: failed ?? '' };
      }
      case 'sometimes': {
        const member = firstMember(property, read, true);
        return { property, holds: member !== undefined, detail: member ?? '' };
      }
      case 'recoverable': {
        const failed = firstMember(property, read, false);
        return { property, holds: failed === undefined, detail: failed ?? '' };
      }
      case 'step': {
        if (last === undefined || before === undefined) return { property, holds: true, detail: '' };
        const verdict = property.holds({
          action: last.action,
          result: last.result,
          before: readerOf(system.slots, before),
          after: read,
          changed: last.changes.map(({ slot }) => slot),
        });
        const failed = typeof verdict === 'object' && !verdict.holds ? verdict.why : '';
        return { property, holds: typeof verdict === 'boolean' ? verdict : verdict.holds, detail: failed };
      }
    }
  });
}
