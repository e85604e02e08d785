import {
  type Action,
  disabled,
  type Result,
  type Slot,
  type System,
  type Twin,
  type Value,
} from '../checker/index.ts';

/** Whether an action of one system is the same call as one of the other. */
const isSameCall = (one: Action, other: Action): boolean =>
  one.name === other.name &&
  one.actor === other.actor &&
  Object.entries(one.args).every(([name, value]) => other.args[name] === value);

/**
 * The unmutated system with the mutant as its twin: exploring it compares every distinct step, so that "this mutant
 * changes nothing that can be observed" is a result and not an assumption. `undefined` where the two do not even make
 * the same calls, which is a difference one can see.
 */
export function comparedWith(system: System, mutant: System): System | undefined {
  if (system.actions.length !== mutant.actions.length || system.slots.length !== mutant.slots.length)
    return undefined;
  const partner = new Map<Action, Action>();
  for (const [at, action] of system.actions.entries()) {
    const other = mutant.actions[at];
    if (other === undefined || !isSameCall(action, other)) return undefined;
    partner.set(action, other);
  }
  const slotOf = new Map<Slot, Slot>();
  for (const [at, slot] of mutant.slots.entries()) {
    const own = system.slots[at];
    if (own === undefined || own.name !== slot.name || own.initial !== slot.initial) return undefined;
    slotOf.set(slot, own);
  }
  return { ...system, properties: [], deadlock: 'off', twin: mutantAsTwin(partner, slotOf) };
}

function mutantAsTwin(partner: ReadonlyMap<Action, Action>, slotOf: ReadonlyMap<Slot, Slot>): Twin {
  const own = (slot: Slot): Slot => slotOf.get(slot) ?? slot;
  return {
    name: 'the mutant',
    disagrees: ({ action, result, before, after, changed }) => {
      const written = new Map<Slot, Value>();
      const mutated = partner.get(action)?.run(
        (slot: Slot, lens?: (value: Value) => Value) => {
          const value = written.get(own(slot));
          if (value !== undefined) return lens === undefined ? value : lens(value);
          return lens === undefined ? before(own(slot)) : before(own(slot), lens);
        },
        (slot, value) => {
          written.set(own(slot), value);
        },
      );
      return difference(result, mutated, written, { before, after, changed });
    },
  };
}

function difference(
  result: Result,
  mutated: Result | typeof disabled | undefined,
  written: ReadonlyMap<Slot, Value>,
  {
    before,
    after,
    changed,
  }: { before: (slot: Slot) => Value; after: (slot: Slot) => Value; changed: readonly Slot[] },
): string | undefined {
  if (mutated === disabled) return 'the mutant has no such step';
  if (mutated !== result) return `result ${result}, in the mutant ${mutated}`;
  const missed = changed.find(
    slot => (written.has(slot) ? written.get(slot) : before(slot)) !== after(slot),
  );
  if (missed !== undefined) return `${missed.name} differs`;
  const extra = [...written].find(([slot, value]) => after(slot) !== value);
  return extra === undefined ? undefined : `${extra[0].name} differs`;
}
