import type { Action, Property, Slot, Symmetry, System, Value } from '../../checker/index.ts';

const FREE = -1;
const permuted = (permutation: readonly number[], member: number): number => permutation[member] ?? member;

/**
 * People who take lockers, hand them on and give them back: all lockers are alike, all people are alike, and a locker
 * holds the number of a person, so that exchanging people changes what slots hold and exchanging lockers which slots.
 */
export function lockers(count: number, people: number, most: number): System {
  const slots = Array.from({ length: count }, (_, at): Slot<number> => ({
    name: `locker ${at}`,
    initial: FREE,
  }));
  const locker = (at: number): Slot<number> => slots[at] as Slot<number>;
  const actions = new Map<string, Action>();
  const make = (name: string, at: number, person: number, other: number, run: Action['run']): void =>
    void actions.set([name, at, person, other].join(), {
      name,
      actor: `person ${person}`,
      args: { locker: at, person, other },
      run,
    });
  for (let at = 0; at < count; at++)
    for (let person = 0; person < people; person++) {
      make('take', at, person, -1, (read, write) => {
        if (read(locker(at)) !== FREE) return -16;
        if (slots.filter(slot => read(slot) === person).length >= most) return -11;
        write(locker(at), person);
        return 0;
      });
      make('give back', at, person, -1, (read, write) => {
        if (read(locker(at)) !== person) return -1;
        write(locker(at), FREE);
        return 0;
      });
      for (let other = 0; other < people; other++)
        if (other !== person)
          make('hand on', at, person, other, (read, write) => {
            if (read(locker(at)) !== person) return -1;
            write(locker(at), other);
            return 0;
          });
    }
  const exchange = (
    name: string,
    size: number,
    places: (at: number, permutation: readonly number[]) => number,
    persons: (person: number, permutation: readonly number[]) => number,
  ): Symmetry => ({
    name,
    size,
    slot: (slot, permutation) => locker(places(slots.indexOf(slot as Slot<number>), permutation)),
    value: (_, value, permutation): Value => persons(Number(value), permutation),
    action: (action, permutation) => {
      const { locker: at, person, other } = action.args;
      const key = [
        action.name,
        places(Number(at), permutation),
        persons(Number(person), permutation),
        persons(Number(other), permutation),
      ].join();
      return actions.get(key) ?? action;
    },
  });
  return {
    name: 'lockers',
    slots,
    actions: [...actions.values()],
    properties: sentences(slots, people),
    symmetries: [
      exchange(
        'lockers',
        count,
        (at, permutation) => permuted(permutation, at),
        person => person,
      ),
      exchange(
        'people',
        people,
        at => at,
        (person, permutation) => permuted(permutation, person),
      ),
    ],
    twin: {
      name: 'nobody hands on the last free locker',
      disagrees: ({ action, result, before }) =>
        action.name === 'hand on' &&
        result === 0 &&
        slots.filter(slot => before(slot) === FREE).length === 1
          ? `${action.actor} handed on locker ${action.args.locker}`
          : undefined,
    },
    deadlock: 'stutter',
  };
}

function sentences(slots: readonly Slot<number>[], people: number): readonly Property[] {
  const persons = Array.from({ length: people }, (_, person) => person);
  const holdsAll = (person: number) => ({
    about: `person ${person}`,
    person,
  });
  return [
    {
      kind: 'always',
      name: 'nobody has all lockers',
      source: 'made to fail by handing on',
      instances: persons.map(holdsAll).map(({ about, person }) => ({
        about,
        holds: read =>
          slots.every(slot => read(slot) === person)
            ? { holds: false, why: `person ${person} has all` }
            : true,
      })),
    },
    {
      kind: 'sometimes',
      name: 'two lockers belong to two people',
      source: 'reached in two steps',
      instances: slots.flatMap((one, at) =>
        slots.slice(at + 1).map(other => ({
          about: `${one.name}, ${other.name}`,
          holds: read => read(one) !== FREE && read(other) !== FREE && read(one) !== read(other),
        })),
      ),
    },
    {
      kind: 'recoverable',
      name: 'all lockers can be free again',
      source: 'everything can be given back',
      instances: slots.map(slot => ({ about: slot.name, holds: read => read(slot) === FREE })),
    },
  ];
}
