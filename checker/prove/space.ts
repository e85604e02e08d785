import type { Member, Result, Shape, Slot, Sorts, System, Value } from '../system/system.ts';
import type { Atom, Template } from './atom.ts';
import { kindText } from './kind.ts';
import { numbering } from './numbering.ts';
import { Vocabulary } from './vocabulary.ts';

/** What all instances of one system share, so that what is found in one can be asked in another. */
export class Language {
  readonly classes = new Vocabulary();
  readonly heads = new Vocabulary();
  readonly kinds = new Vocabulary();
  readonly sorts = new Vocabulary();
  /** By head, the sorts of the members that its slot names, then of those that its value names, by number. */
  readonly namesOf = new Map<
    number,
    { readonly own: readonly number[]; readonly value: readonly number[] }
  >();
}

const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new RangeError(what);
  return value;
};

/** One instance of a system, taken apart into atoms. */
export class Space {
  readonly system: System;
  readonly language: Language;
  readonly slots: readonly Slot[];
  /** By the number of a sort, the numbers of its members. */
  readonly membersOf: readonly (readonly number[])[];
  readonly members: readonly Member[];
  /** By the number of a member, the number of its sort. */
  readonly sortOf: readonly number[];
  readonly classOf: readonly number[];
  /** By slot, the members that it names. */
  readonly slotNames: readonly (readonly number[])[];
  readonly atoms: Atom[] = [];
  readonly #sorts: Sorts;
  readonly #slotIndex: ReadonlyMap<Slot, number>;
  readonly #slotByName: ReadonlyMap<string, number>;
  readonly #numbers: ReadonlyMap<Member, number>;
  readonly #byValue: readonly Map<Value, Atom>[];
  readonly #filled: Map<Template, Map<number, Atom>>[] = [];
  readonly #pairs = new Map<number, number>();
  readonly #kinds = new Map<string, number>();

  constructor(system: System, language: Language) {
    const { sorts, slots } = system;
    if (sorts === undefined)
      throw new RangeError(`${system.name} does not say what its slots are indexed by`);
    this.system = system;
    this.language = language;
    this.slots = slots;
    this.#sorts = sorts;
    const members = [...sorts.members].flatMap(([, all]) => all);
    this.members = members;
    this.sortOf = members.map(({ sort }) => language.sorts.of(sort));
    const membersOf: number[][] = [];
    this.sortOf.forEach((sort, number) => (membersOf[sort] ??= []).push(number));
    this.membersOf = Array.from({ length: membersOf.length }, (_, sort) => membersOf[sort] ?? []);
    this.#numbers = new Map(members.map((member, number) => [member, number]));
    const shapes = slots.map(slot => sorts.slot(slot));
    this.slotNames = shapes.map(shape => this.#namesOf(shape, 'slot'));
    this.classOf = shapes.map(({ shape }, at) => language.classes.of(this.#classText(shape, at)));
    this.#slotIndex = new Map(slots.map((slot, at) => [slot, at]));
    this.#slotByName = new Map(
      slots.map((_, at) => [this.#slotKey(this.classOf[at] ?? 0, this.slotNames[at] ?? []), at]),
    );
    if (this.#slotByName.size !== slots.length)
      throw new RangeError(`${system.name}: two slots have one shape and the same names`);
    this.#byValue = slots.map(() => new Map<Value, Atom>());
  }

  #namesOf({ shape, names }: Shape, what: string): readonly number[] {
    return names.map(name =>
      must(this.#numbers.get(name), `${what} ${shape} names ${name.sort} ${name.name}, which is no member`),
    );
  }

  #classText(shape: string, slot: number): string {
    const sorts = (this.slotNames[slot] ?? []).map(name =>
      this.language.sorts.text(this.sortOf[name] ?? 0),
    );
    return `${shape}(${sorts.join()})`;
  }

  #slotKey = (ofClass: number, names: readonly number[]): string => `${ofClass}:${names.join()}`;

  indexOf(slot: Slot): number {
    return must(
      this.#slotIndex.get(slot),
      `slot ${slot.name} is read or written, but ${this.system.name} does not have it`,
    );
  }

  /** The slot of this class that names these members. */
  slotNamed(ofClass: number, names: readonly number[]): number | undefined {
    return this.#slotByName.get(this.#slotKey(ofClass, names));
  }

  membersNamed(shape: Shape, what: string): readonly number[] {
    return this.#namesOf(shape, what);
  }

  actionShape(at: number): Shape {
    return this.#sorts.action(must(this.system.actions[at], 'no such action'));
  }

  resultShape(result: Result): Shape {
    return this.#sorts.result?.(result) ?? { shape: String(result), names: [] };
  }

  atom(slot: number, value: Value): Atom {
    const known = this.#byValue[slot]?.get(value);
    if (known !== undefined) return known;
    const shape = this.#sorts.value(must(this.slots[slot], 'no such slot'), value);
    const named = this.#namesOf(shape, `a value of ${this.slots[slot]?.name ?? ''}`);
    const own = this.slotNames[slot] ?? [];
    const sorts = named.map(name => this.language.sorts.text(this.sortOf[name] ?? 0));
    const head = `${this.language.classes.text(this.classOf[slot] ?? 0)}=${shape.shape}{${sorts.join()}}`;
    const atom: Atom = {
      id: this.atoms.length,
      slot,
      value,
      head: this.language.heads.of(head),
      names: [...own, ...named],
      own: own.length,
    };
    const sortsOf = (names: readonly number[]): number[] => names.map(name => this.sortOf[name] ?? 0);
    this.language.namesOf.set(atom.head, { own: sortsOf(own), value: sortsOf(named) });
    this.atoms.push(atom);
    this.#byValue[slot]?.set(value, atom);
    return atom;
  }

  /** The atom of a slot whose value has this shape and these names; it must read back as it was made. */
  made(slot: number, shape: string, names: readonly number[]): Atom {
    const value = this.#sorts.make(
      must(this.slots[slot], 'no such slot'),
      shape,
      names.map(name => must(this.members[name], 'no such member')),
    );
    const atom = this.atom(slot, value);
    if (names.some((name, at) => atom.names[atom.own + at] !== name))
      throw new RangeError(
        `a value of ${this.slots[slot]?.name ?? ''} made as ${shape} does not read back`,
      );
    return atom;
  }

  /** The atom of a slot that a template makes with these names of its value: made once. */
  filled(slot: number, template: Template, names: readonly number[]): Atom {
    const known = this.#filled[slot] ?? new Map<Template, Map<number, Atom>>();
    this.#filled[slot] = known;
    const ofTemplate = known.get(template) ?? new Map<number, Atom>();
    known.set(template, ofTemplate);
    const key = names.reduce((sum, name) => sum * this.members.length + name, 0);
    const atom = ofTemplate.get(key) ?? this.made(slot, template.shape, names);
    ofTemplate.set(key, atom);
    return atom;
  }

  /** What an atom's slot may hold, whoever is named. */
  templateOf({ slot, names, own, head }: Atom): Template {
    const sorts = names.slice(own).map(name => this.sortOf[name] ?? 0);
    const text = this.language.heads.text(head);
    const shape = text.slice(
      this.language.classes.text(this.classOf[slot] ?? 0).length + 1,
      text.lastIndexOf('{'),
    );
    return { class: this.classOf[slot] ?? 0, shape, sorts, numbering: numbering(names) };
  }

  /** The kind of two atoms: what they are together, whomever they name. */
  pair(one: Atom, other: Atom): number {
    const key = one.id < other.id ? one.id * 65_536 + other.id : other.id * 65_536 + one.id;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const kind = this.language.kinds.of(kindText([one, other]));
    this.#pairs.set(key, kind);
    return kind;
  }

  /** The kind of any number of atoms. */
  kind(atoms: readonly Atom[]): number {
    const key = atoms
      .map(({ id }) => id)
      .sort((one, other) => one - other)
      .join();
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind = this.language.kinds.of(kindText(atoms));
    this.#kinds.set(key, kind);
    return kind;
  }
}
