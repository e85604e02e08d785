import type { Part, Parts, Place } from './groups.ts';
import {
  type Action,
  disabled,
  type Instance,
  type Read,
  type Result,
  type Slot,
  type Step,
  type StepProperty,
  type System,
  type Value,
  type Verdict,
  type Write,
} from '../system/system.ts';

export type Lens = (value: Value) => Value;

/** One thing that was looked at: a whole part, or a part with one slot through a lens. Shared, compared by identity. */
export class Look {
  readonly part: Part;
  readonly lens: Lens | undefined;
  /** One bit. Looks at different parts through one lens share it, and so may others where there are many. */
  readonly bit: number;
  /** What it saw, by code: a lens may be dear. */
  readonly #seen: Value[] = [];

  constructor(part: Part, lens: Lens | undefined, bit: number) {
    this.part = part;
    this.lens = lens;
    this.bit = bit;
  }

  /** What it sees where its part has this code: the code itself, or the value through the lens. */
  sees(code: number): Value {
    if (this.lens === undefined) return code;
    return (this.#seen[code] ??= this.lens(this.part.tuple(code)[0] as Value));
  }
}

/** One part that a step changes, by codes. */
export interface PartWrite {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/** What is asked of a state: the steps of one action, or whether one member of a property's family holds. */
export type Subject =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'instance'; readonly property: number; readonly instance: Instance };

/** A sentence that a step breaks: the index of a step property, or the twin. */
export interface StepFault {
  readonly property: number | 'twin';
  readonly why: string;
}

/** The answer, valid wherever the same looks see the same. */
export interface Evaluation {
  readonly looks: readonly Look[];
  /** `undefined` for an instance, and for an action that is disabled. */
  readonly result: Result | undefined;
  readonly writes: readonly PartWrite[];
  readonly faults: readonly StepFault[];
  /** Whether an instance holds, and why it does not. */
  readonly holds: boolean;
  readonly why: string;
}

const nothing = { result: undefined, writes: [], faults: [], holds: true, why: '' } as const;
const isSame = (one: Value, other: Value): boolean => one === other || (one !== one && other !== other);
const reason = (verdict: boolean | Verdict): string | undefined =>
  typeof verdict === 'boolean' ? (verdict ? undefined : '') : verdict.holds ? undefined : verdict.why;

/** Runs the real code on one state and records what it looks at, in order, each thing once. */
export class Evaluator {
  readonly #system: System;
  readonly #parts: Parts;
  readonly #steps: readonly { readonly index: number; readonly property: StepProperty }[];
  readonly #looks = new Map<Part, Map<Lens | undefined, Look>>();
  readonly #bits = new Map<Part | Lens, number>();
  /** How many different looks there were. */
  lookCount = 0;
  #codes: ArrayLike<number> = [];
  #seen = new Set<Look>();
  #written = new Map<Slot, Value>();
  /** How often an action's or an instance's own code was run. */
  runs = 0;

  constructor(system: System, parts: Parts) {
    this.#system = system;
    this.#parts = parts;
    this.#steps = system.properties.flatMap((property, index) =>
      property.kind === 'step' ? [{ index, property }] : [],
    );
  }

  evaluate(subject: Subject, codes: ArrayLike<number>): Evaluation {
    this.#codes = codes;
    this.#seen = new Set();
    this.#written = new Map();
    this.runs++;
    if (subject.kind === 'action') return this.#action(subject.action);
    const why = reason(subject.instance.holds(this.#before));
    return { ...nothing, looks: [...this.#seen], holds: why === undefined, why: why ?? '' };
  }

  #action(action: Action): Evaluation {
    const result = action.run(this.#after, this.#write);
    if (result === disabled) return { ...nothing, looks: [...this.#seen] };
    // Reading the old values here puts the parts written into the footprint: a step is a fixed change of codes.
    const changed = [...this.#written].flatMap(([slot, value]) =>
      isSame(this.#before(slot), value) ? [] : [slot],
    );
    const step: Step = { action, result, before: this.#before, after: this.#after, changed };
    const faults = this.#faults(step);
    const writes = [...new Set(changed.map(slot => this.#parts.placeOf(slot).part))].map(part => ({
      part,
      from: this.#codes[part.index] ?? 0,
      to: part.codeOf(part.slots.map(slot => this.#value(slot))),
    }));
    return { ...nothing, looks: [...this.#seen], result, writes, faults };
  }

  #faults(step: Step): readonly StepFault[] {
    const faults: StepFault[] = [];
    for (const { index, property } of this.#steps) {
      const why = reason(property.holds(step));
      if (why !== undefined) faults.push({ property: index, why });
    }
    const why = this.#system.twin?.disagrees(step);
    if (why !== undefined) faults.push({ property: 'twin', why });
    return faults;
  }

  /** The value after the step, without leaving a trace in the footprint. */
  #value(slot: Slot): Value {
    return this.#written.has(slot)
      ? (this.#written.get(slot) as Value)
      : this.#parts.value(this.#codes, slot);
  }

  readonly #before = ((slot: Slot, lens?: Lens): Value => {
    const place = this.#parts.placeOf(slot);
    const code = this.#codes[place.part.index] ?? 0;
    const look = this.#look(place, lens);
    if (look?.lens !== undefined) return look.sees(code);
    const value = place.part.tuple(code)[place.at] as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;

  readonly #after = ((slot: Slot, lens?: Lens): Value => {
    if (!this.#written.has(slot)) return lens === undefined ? this.#before(slot) : this.#before(slot, lens);
    const value = this.#written.get(slot) as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;

  readonly #write: Write = (slot, value) => {
    this.#parts.placeOf(slot as Slot);
    this.#written.set(slot as Slot, value);
  };

  /**
   * Notes a look, unless the whole part was looked at before. A lens counts on a slot of its own. In a group any
   * reading is a reading of all: one small code decides.
   */
  #look({ part }: Place, lens: Lens | undefined): Look | undefined {
    const whole = this.#lookAt(part, undefined);
    if (this.#seen.has(whole)) return undefined;
    const look = lens === undefined || part.slots.length > 1 ? whole : this.#lookAt(part, lens);
    this.#seen.add(look);
    return look;
  }

  #lookAt(part: Part, lens: Lens | undefined): Look {
    return known(
      known(this.#looks, part, () => new Map<Lens | undefined, Look>()),
      lens,
      () => {
        this.lookCount++;
        const number = known(this.#bits, lens ?? part, () => this.#bits.size);
        return new Look(part, lens, 1 << (number & 31));
      },
    );
  }

  /** The bits of the looks at a part that see a difference between two of its codes. */
  differences({ part, from, to }: PartWrite): number {
    let bits = 0;
    for (const look of this.#looks.get(part)?.values() ?? [])
      if (look.sees(from) !== look.sees(to)) bits |= look.bit;
    return bits;
  }
}

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
