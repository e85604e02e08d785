import {
  type Action,
  disabled,
  type Loops,
  type Read,
  type Result,
  type Seen,
  type Slot,
  type Value,
  type Write,
} from '../system/system.ts';
import type { Absence, Context } from './context.ts';
import type { Atom } from './atom.ts';

/** What a piece of real code asked for and the context does not hold: to be thrown, and answered case by case. */
export class Question {
  /** A slot's value; that a loop sees no others; or which of the items, by their slots, a loop is asked of. */
  readonly asked: { readonly slot: number } | Absence | { readonly choose: readonly number[] };

  constructor(asked: Question['asked']) {
    this.asked = asked;
  }
}

/** What a call did in a context. */
export interface LocalStep {
  readonly action: Action;
  readonly result: Result;
  /** The slots that it asked for. */
  readonly reads: ReadonlySet<number>;
  /** By slot, what it wrote, whether or not that is another value. */
  readonly writes: ReadonlyMap<number, Value>;
  /** The sorts over whose members it looped: more of them in the context means more that is written. */
  readonly loops: ReadonlySet<number>;
  /** The classes of the slots that it wrote in loops. */
  readonly looped: ReadonlySet<number>;
}

const nothing = (): undefined => undefined;
const isObservation = (lens: unknown): lens is (value: Value) => Value => lens !== undefined;

/**
 * Runs real code on a context. What it reads and the context does not hold is thrown as a `Question`; what it reads of
 * members that nothing names is noted, because a loop over members that no combinator tells about shows nothing about
 * larger sizes.
 */
export class Runner {
  readonly context: Context;
  /** By the one who read it, a slot of a member that nothing names. */
  readonly strays = new Map<string, string>();
  /** How often real code was run. */
  runs = 0;
  #reader = '';
  /** Whether the reader may still pick a member of its own: what a sentence is about. */
  #mayPick = false;
  #writes = new Map<number, Value>();
  #reads = new Set<number>();
  #loops = new Set<number>();
  #item: unknown;
  readonly #writer = new Map<number, unknown>();
  /** The classes of the slots that loops of the last call have written. */
  #looped = new Set<number>();
  #owned: readonly number[] = [];
  /** Loops over all items that the code has come to. */
  #choices = 0;

  constructor(context: Context) {
    this.context = context;
  }

  /** Runs a call, after another one where one is given: its writes are then both calls'. `undefined` where it is disabled. */
  call(action: Action, after?: LocalStep): LocalStep | undefined {
    this.runs++;
    this.#reader = action.name;
    this.#mayPick = false;
    this.#writes = new Map(after?.writes);
    this.#reads = new Set(after?.reads);
    this.#loops = new Set(after?.loops);
    this.#looped = new Set(after?.looped);
    this.#begin();
    const result = action.run(this.#during, this.#write);
    if (result === disabled) return undefined;
    return {
      action,
      result,
      reads: this.#reads,
      writes: this.#writes,
      loops: this.#loops,
      looped: this.#looped,
    };
  }

  /** Asks something of the state before a step, and of the one after it. */
  ask<T>(reader: string, step: LocalStep | undefined, question: (before: Read, after: Read) => T): T {
    this.runs++;
    this.#reader = reader;
    this.#mayPick = step === undefined;
    this.#writes = new Map(step?.writes);
    this.#loops = new Set(step?.loops);
    this.#looped = new Set(step?.looped);
    this.#begin();
    return question(this.#before, this.#during);
  }

  /** Code that ended with a question may have left a loop half-way. */
  #begin(): void {
    this.#writer.clear();
    this.#item = undefined;
    this.#owned = [];
    this.#choices = 0;
  }

  readonly #before = this.#reading(nothing);
  readonly #during = this.#reading(slot => this.#written(slot));

  #written(slot: number): { readonly value: Value } | undefined {
    const value = this.#writes.get(slot);
    if (value === undefined) return undefined;
    if (this.#writer.has(slot) && this.#item !== undefined && this.#writer.get(slot) !== this.#item)
      this.#stray(slot, 'is read in one turn of a loop and written in another');
    return { value };
  }

  #stray(slot: number, why: string): void {
    if (!this.strays.has(this.#reader))
      this.strays.set(this.#reader, `${this.context.space.slots[slot]?.name ?? ''} ${why}`);
  }

  #reading(written: (slot: number) => { readonly value: Value } | undefined): Read {
    const read = (slot: Slot, lens?: (value: Value) => Value): Value => {
      const at = this.context.space.indexOf(slot);
      this.#reads.add(at);
      const value = (written(at) ?? this.context.at(at))?.value;
      if (value === undefined) {
        this.#checkNamed(at);
        throw new Question({ slot: at });
      }
      return isObservation(lens) ? lens(value) : value;
    };
    const loops: Loops = {
      some: (slots, lens) => this.#seen(written, slots, lens, true).length > 0,
      collect: (slots, lens) => this.#seen(written, slots, lens, false),
      each: (items, slotOf, body) => this.#each(items, slotOf, body),
      every: (items, slotOf, complaint) => {
        if (items.length === 0) return undefined;
        const chosen = items[this.context.chosen[this.#choices++] ?? -1];
        if (chosen !== undefined) return complaint(chosen);
        throw new Question({ choose: items.map(item => this.context.space.indexOf(slotOf(item))) });
      },
    };
    return Object.assign(read, { loops });
  }

  #checkNamed(slot: number): void {
    if (this.context.isDefinite(slot)) return;
    if (this.#mayPick) this.#mayPick = false;
    else this.#stray(slot, 'is read, of a member that nothing names');
  }

  /** The slots of the context that a loop's lens sees as true; that there are no others is asked for if need be. */
  #seen<V extends Value, W extends Value>(
    written: (slot: number) => { readonly value: Value } | undefined,
    slots: readonly Slot<V>[],
    lens: (value: V) => W,
    oneIsEnough: boolean,
  ): readonly Seen<W>[] {
    const see = lens as (value: Value) => W;
    const indices = slots.map(slot => this.context.space.indexOf(slot as Slot));
    for (const slot of indices) this.#reads.add(slot);
    if (
      written !== nothing &&
      indices.some(slot => this.#looped.has(this.context.space.classOf[slot] ?? 0))
    )
      this.strays.set(this.#reader, 'a loop reads what another loop has written');
    const seen = indices.flatMap((slot, at) => {
      const atom = written(slot) ?? this.context.at(slot);
      const saw = atom === undefined ? false : see(atom.value);
      return Boolean(saw) ? [{ at, saw: saw as W }] : [];
    });
    if (oneIsEnough && seen.length > 0) return seen;
    const { isAll, absences } = this.context;
    const isClosed =
      isAll ||
      absences.some(absence => absence.lens === see && indices.every(slot => absence.slots.has(slot)));
    if (!isClosed) throw new Question({ slots: new Set(indices), lens: see });
    return seen;
  }

  /** Only the turns of members in the context: what the others do touches nothing that the context names. */
  #each<T>(items: readonly T[], slotOf: (item: T) => Slot, body: (item: T) => void): void {
    const { space } = this.context;
    const names = items.map(item => space.slotNames[space.indexOf(slotOf(item))] ?? []);
    const [first = []] = names;
    const common = new Set(first.filter(name => names.every(others => others.includes(name))));
    for (const name of names.flat()) if (!common.has(name)) this.#loops.add(space.sortOf[name] ?? 0);
    const [outerItem, outerOwned] = [this.#item, this.#owned];
    for (const [at, item] of items.entries()) {
      const own = names[at] ?? [];
      if (!own.every(name => this.context.isNamed(name))) continue;
      this.#item = item;
      this.#owned = [...outerOwned, ...own.filter(name => items.length > 1 && !common.has(name))];
      body(item);
    }
    [this.#item, this.#owned] = [outerItem, outerOwned];
  }

  readonly #write: Write = (slot, value) => {
    const at = this.context.space.indexOf(slot);
    if (!this.context.isDefinite(at)) this.#stray(at, 'is written, of a member that nothing names');
    const names = this.context.space.slotNames[at] ?? [];
    if (!this.#owned.every(name => names.includes(name)))
      this.#stray(at, 'is written in every turn of a loop');
    if (this.#item !== undefined) {
      this.#writer.set(at, this.#item);
      this.#looped.add(this.context.space.classOf[at] ?? 0);
    }
    this.#writes.set(at, value);
  };
}

/** The atoms that a step changes, as they are after it. Slots that it writes must be in the context. */
export function changedBy({ writes }: Pick<LocalStep, 'writes'>, context: Context): readonly Atom[] {
  const changed: Atom[] = [];
  for (const [slot, value] of writes) {
    const before = context.at(slot);
    if (before === undefined || before.value !== value) changed.push(context.space.atom(slot, value));
  }
  return changed;
}
