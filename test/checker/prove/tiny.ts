import {
  type Action,
  type Counts,
  type disabled,
  type Member,
  membersOf,
  type Property,
  type Read,
  type Result,
  type Sized,
  type Slot,
  type System,
  type Value,
  type Write,
} from '../../../checker/index.ts';

/** A value in a tiny system: a word, a number, or the name of a member. */
type TinyValue = string | number | boolean;

/** The members of an instance, and its slots by what they are of whom. */
export interface Tiny {
  members(sort: string): readonly Member[];
  /** The slot of a class that these members have: the same one whenever it is asked for. */
  slot(name: string, initial: TinyValue, ...of: readonly Member[]): Slot<TinyValue>;
  call(
    name: string,
    of: readonly Member[],
    run: (read: Read, write: Write) => Result | typeof disabled,
  ): Action;
}

/** A system of every size in a few lines: slots and calls are made from members, and values may be members' names. */
export const tiny = (
  name: string,
  sorts: readonly string[],
  make: (t: Tiny) => {
    readonly actions: readonly Action[];
    readonly properties: readonly Property[];
    readonly deadlock?: NonNullable<System['deadlock']>;
  },
): Sized => ({
  name,
  sorts: sorts.map(sort => ({ name: sort })),
  build: counts => build(name, sorts, counts, make),
});

function build(
  name: string,
  sorts: readonly string[],
  counts: Counts,
  make: Parameters<typeof tiny>[2],
): System {
  const members = new Map(
    sorts.map(sort => [
      sort,
      membersOf(
        sort,
        Array.from({ length: counts[sort] ?? 1 }, (_, at) => `${sort} ${at}`),
      ),
    ]),
  );
  const byName = new Map([...members.values()].flat().map(member => [member.name, member]));
  const slots = new Map<string, Slot<TinyValue>>();
  const shapes = new Map<Slot, { shape: string; names: readonly Member[] }>();
  const calls = new Map<Action, { shape: string; names: readonly Member[] }>();
  const made = make({
    members: sort => members.get(sort) ?? [],
    slot: (shape, initial, ...names) => {
      const key = [shape, ...names.map(of => of.name)].join(' of ');
      const slot = slots.get(key) ?? { name: key, initial };
      slots.set(key, slot);
      shapes.set(slot as Slot, { shape, names });
      return slot;
    },
    call: (shape, names, run) => {
      const args = Object.fromEntries(names.map((of, at) => [`${of.sort}${at}`, of.name]));
      const action: Action = { name: shape, actor: 'anyone', args, run };
      calls.set(action, { shape, names });
      return action;
    },
  });
  const nobody = { shape: '', names: [] };
  return {
    name,
    slots: [...slots.values()] as Slot[],
    ...made,
    sorts: {
      members,
      slot: slot => shapes.get(slot) ?? nobody,
      value: (_, value) => {
        const member = byName.get(String(value));
        return member === undefined
          ? { shape: `${typeof value} ${value}`, names: [] }
          : { shape: member.sort, names: [member] };
      },
      make: (_, shape, [named]) => named?.name ?? parsed(shape),
      action: action => calls.get(action) ?? nobody,
    },
  };
}

function parsed(shape: string): Value {
  const at = shape.indexOf(' ');
  const [type, text] = [shape.slice(0, at), shape.slice(at + 1)];
  return type === 'number' ? Number(text) : type === 'boolean' ? text === 'true' : text;
}
