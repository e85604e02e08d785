import type { Slot, System, Value } from '../system/system.ts';

/** Slots that are held together: the tuple of their values is interned as one small code, 0 being the initial one. */
export class Group {
  readonly index: number;
  readonly slots: readonly Slot[];
  /** The values of each code, in the order of `slots`. */
  readonly tuples: (readonly Value[])[] = [];
  readonly #values: readonly Map<Value, number>[];
  readonly #codes = new Map<string, number>();

  constructor(index: number, slots: readonly Slot[]) {
    this.index = index;
    this.slots = slots;
    this.#values = slots.map(() => new Map<Value, number>());
    this.codeOf(slots.map(slot => slot.initial));
  }

  /** The code of a tuple, a new one where it was never seen. Numbers make the key, so that no text can collide. */
  codeOf(tuple: readonly Value[]): number {
    const key = tuple.map((value, at) => intern(this.#values[at] as Map<Value, number>, value)).join();
    const code = intern(this.#codes, key);
    if (code === this.tuples.length) this.tuples.push(tuple);
    return code;
  }

  tuple(code: number): readonly Value[] {
    const tuple = this.tuples[code];
    if (tuple === undefined) throw new RangeError(`group ${this.index} has no code ${code}`);
    return tuple;
  }

  /** Bits that hold every code seen so far: none where the group never changes. */
  get bits(): number {
    return 32 - Math.clz32(this.tuples.length - 1);
  }
}

function intern<K>(numbers: Map<K, number>, key: K): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

/** Where a slot lives. */
export interface Place {
  readonly group: Group;
  readonly at: number;
}

/** The groups of a system in the order of their first slots; a slot that the system puts in none is a group by itself. */
export class Groups {
  readonly all: readonly Group[];
  readonly #places = new Map<Slot, Place>();
  readonly #system: string;

  constructor({ name, slots, groups = [] }: System) {
    this.#system = name;
    const groupOf = new Map(groups.flatMap(group => group.map(slot => [slot, group] as const)));
    const members = groups.reduce((sum, group) => sum + group.length, 0);
    if (groupOf.size !== members) throw new Error(`${name}: a slot is in two groups`);
    const all: Group[] = [];
    for (const slot of slots) {
      if (this.#places.has(slot)) continue;
      const group = new Group(all.length, groupOf.get(slot) ?? [slot]);
      all.push(group);
      group.slots.forEach((member, at) => this.#places.set(member, { group, at }));
    }
    if (this.#places.size !== slots.length)
      throw new Error(`${name}: its groups and its slots are not the same`);
    this.all = all;
  }

  placeOf(slot: Slot): Place {
    const place = this.#places.get(slot);
    if (place === undefined)
      throw new Error(`slot ${slot.name} is read or written, but ${this.#system} does not have it`);
    return place;
  }

  value(codes: ArrayLike<number>, slot: Slot): Value {
    const { group, at } = this.placeOf(slot);
    return group.tuple(codes[group.index] ?? 0)[at] as Value;
  }
}
