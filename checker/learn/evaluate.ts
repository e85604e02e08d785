import {
  type Action,
  disabled,
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
import type { Group, Groups, Place } from './groups.ts';
import type { Subject } from './subjects.ts';

export type Lens = (value: Value) => Value;

/** What can be asked of a group: its code, or its only slot through a lens. Shared, compared by identity. */
export class Probe {
  readonly group: Group;
  readonly lens: Lens | undefined;
  /** One bit. Probes of different groups through one lens share it, and so do others beyond the 32nd. */
  readonly bit: number;
  /** The lens's answers so far, by code: a lens may be slow. */
  readonly #answers: Value[] = [];

  constructor(group: Group, lens: Lens | undefined, bit: number) {
    this.group = group;
    this.lens = lens;
    this.bit = bit;
  }

  /** The answer where the group has this code: the code itself, or the value through the lens. */
  answer(code: number): Value {
    if (this.lens === undefined) return code;
    return (this.#answers[code] ??= this.lens(this.group.tuple(code)[0] as Value));
  }
}

/** One group that a step changes, by codes. */
export interface GroupWrite {
  readonly group: Group;
  readonly from: number;
  readonly to: number;
}

/** A sentence that a step breaks: the index of a step property, or the twin. */
export interface StepFault {
  readonly property: number | 'twin';
  readonly why: string;
}

/** The outcome of a subject: the same in every state in which these probes have the same answers. */
export interface Evaluation {
  readonly probes: readonly Probe[];
  /** `undefined` for an instance, and for an action that is disabled. */
  readonly result: Result | undefined;
  readonly writes: readonly GroupWrite[];
  readonly faults: readonly StepFault[];
  /** Whether an instance holds, and why it does not. */
  readonly holds: boolean;
  readonly why: string;
}

const nothing = { result: undefined, writes: [], faults: [], holds: true, why: '' } as const;
const isSame = (one: Value, other: Value): boolean => one === other || (one !== one && other !== other);
const reason = (verdict: boolean | Verdict): string | undefined =>
  typeof verdict === 'boolean' ? (verdict ? undefined : '') : verdict.holds ? undefined : verdict.why;

/** Runs the real code on one state and records its probes, in order, each once. */
export class Evaluator {
  readonly #system: System;
  readonly #groups: Groups;
  readonly #steps: readonly { readonly index: number; readonly property: StepProperty }[];
  readonly #probes = new Map<Group, Map<Lens | undefined, Probe>>();
  readonly #bits = new Map<Group | Lens, number>();
  /** How many different probes there are. */
  probeCount = 0;
  #codes: ArrayLike<number> = [];
  #seen = new Set<Probe>();
  #written = new Map<Slot, Value>();
  /** How often an action's or an instance's own code was run. */
  runs = 0;

  constructor(system: System, groups: Groups) {
    this.#system = system;
    this.#groups = groups;
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
    return { ...nothing, probes: [...this.#seen], holds: why === undefined, why: why ?? '' };
  }

  #action(action: Action): Evaluation {
    const result = action.run(this.#after, this.#write);
    if (result === disabled) return { ...nothing, probes: [...this.#seen] };
    // reading the old values here makes the written groups part of the footprint: a step is a fixed change of codes
    const changed = [...this.#written].flatMap(([slot, value]) =>
      isSame(this.#before(slot), value) ? [] : [slot],
    );
    const step: Step = { action, result, before: this.#before, after: this.#after, changed };
    const faults = this.#faults(step);
    const writes = [...new Set(changed.map(slot => this.#groups.placeOf(slot).group))].map(group => ({
      group,
      from: this.#codes[group.index] ?? 0,
      to: group.codeOf(group.slots.map(slot => this.#value(slot))),
    }));
    return { ...nothing, probes: [...this.#seen], result, writes, faults };
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
      : this.#groups.value(this.#codes, slot);
  }

  readonly #before = ((slot: Slot, lens?: Lens): Value => {
    const place = this.#groups.placeOf(slot);
    const code = this.#codes[place.group.index] ?? 0;
    const probe = this.#probe(place, lens);
    if (probe?.lens !== undefined) return probe.answer(code);
    const value = place.group.tuple(code)[place.at] as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;

  readonly #after = ((slot: Slot, lens?: Lens): Value => {
    if (!this.#written.has(slot)) return lens === undefined ? this.#before(slot) : this.#before(slot, lens);
    const value = this.#written.get(slot) as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;

  readonly #write: Write = (slot, value) => {
    this.#groups.placeOf(slot);
    this.#written.set(slot, value);
  };

  /**
   * Records a probe, unless the group's code was asked for before. A lens counts where the group is one slot: in a
   * larger one any reading is a reading of all, because one small code decides.
   */
  #probe({ group }: Place, lens: Lens | undefined): Probe | undefined {
    const whole = this.#probeOf(group, undefined);
    if (this.#seen.has(whole)) return undefined;
    const probe = lens === undefined || group.slots.length > 1 ? whole : this.#probeOf(group, lens);
    this.#seen.add(probe);
    return probe;
  }

  #probeOf(group: Group, lens: Lens | undefined): Probe {
    return known(
      known(this.#probes, group, () => new Map<Lens | undefined, Probe>()),
      lens,
      () => {
        this.probeCount++;
        const number = known(this.#bits, lens ?? group, () => this.#bits.size);
        return new Probe(group, lens, 1 << (number & 31));
      },
    );
  }

  /** The bits of the probes of a group whose answers differ between two of its codes. */
  differences({ group, from, to }: GroupWrite): number {
    let bits = 0;
    for (const probe of this.#probes.get(group)?.values() ?? [])
      if (probe.answer(from) !== probe.answer(to)) bits |= probe.bit;
    return bits;
  }
}

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
