import type { Result } from '../system/system.ts';
import type { Atom } from './atom.ts';
import { Context } from './context.ts';
import { type LocalStep, Question, Runner } from './runner.ts';
import type { Counts, Sized } from './sized.ts';
import { Space } from './space.ts';

/** Local steps of one call that are taken once more: those that come first name the fewest members. */
const MAX_OF_A_CALL = 2000;

/**
 * Looks at what a proof takes for granted of the code: that a call is a function of what it reads, that members of a
 * sort can be exchanged, and that those which nothing names make no difference. Each local step is taken once more in
 * an instance with one more member of each sort, with every member replaced by its successor there; result and writes
 * must be the same but for the names.
 */
export class Premises {
  /** An instance with one more member of each sort. */
  readonly larger: Space;
  /** What was found to be otherwise, a sentence each, at most one a call. */
  readonly broken: string[] = [];
  /** Steps that were taken once more. */
  replayed = 0;
  readonly #context: Context;
  readonly #there: Context;
  readonly #runner: Runner;
  readonly #calls: ReadonlyMap<string, number>;
  readonly #ofCall = new Map<string, number>();
  readonly #found = new Set<string>();
  #shift = 1;

  constructor(sized: Sized, counts: Counts, context: Context) {
    const more = Object.fromEntries(Object.entries(counts).map(([sort, count]) => [sort, count + 1]));
    this.#context = context;
    this.larger = new Space(sized.build(more), context.space.language);
    this.#there = new Context(this.larger, context.candidates);
    this.#there.isAll = true;
    this.#runner = new Runner(this.#there);
    this.#calls = new Map(
      this.larger.system.actions.map((_, at) => [keyOfCall(this.larger, at, name => name), at]),
    );
  }

  /** Takes a step of the context once more, with other members. */
  look(step: LocalStep): void {
    const { name } = step.action;
    const seen = this.#ofCall.get(name) ?? 0;
    if (seen >= MAX_OF_A_CALL || this.#found.has(name)) return;
    this.#ofCall.set(name, seen + 1);
    this.replayed++;
    const why = this.#difference(step);
    if (why === undefined) return;
    this.#found.add(name);
    this.broken.push(`${name} with other members: ${why}`);
  }

  #difference(step: LocalStep): string | undefined {
    const { space, atoms } = this.#context;
    const number = space.system.actions.indexOf(step.action);
    const of = (shift: number): number | undefined =>
      this.#calls.get(keyOfCall(space, number, member => this.#counterpart(member, shift)));
    // a malformed call is there once, about the first members: they stay what they are
    this.#shift = of(1) === undefined ? 0 : 1;
    const action = this.larger.system.actions[of(this.#shift) ?? -1];
    if (action === undefined) return 'it is not there in a larger size';
    const back = this.#there.mark();
    try {
      for (const atom of atoms) this.#there.push(this.#image(atom));
      return this.#compare(step, this.#runner.call(action));
    } catch (thrown) {
      if (thrown instanceof Question) return 'it reads something else';
      throw thrown;
    } finally {
      back();
    }
  }

  #compare({ result, writes }: LocalStep, there: LocalStep | undefined): string | undefined {
    if (there === undefined || !this.#isAlike(result, there.result))
      return `it returns ${there?.result ?? 'nothing'} where it returned ${result}`;
    const wanted = [...writes].map(([slot, value]) => this.#image(this.#context.space.atom(slot, value)));
    if (wanted.length !== there.writes.size) return 'it writes another number of slots';
    const other = wanted.find(({ slot, value }) => there.writes.get(slot) !== value);
    return other === undefined
      ? undefined
      : `${this.larger.slots[other.slot]?.name} becomes something else`;
  }

  /** Whether two results are the same but for the members that they name. */
  #isAlike(here: Result, there: Result): boolean {
    const { space } = this.#context;
    const [one, other] = [space.resultShape(here), this.larger.resultShape(there)];
    const named = space.membersNamed(one, 'a result').map(member => this.#counterpart(member, this.#shift));
    return one.shape === other.shape && named.join() === this.larger.membersNamed(other, 'a result').join();
  }

  /** The member that stands for another one in the larger instance: its like there, or the one after that. */
  #counterpart(member: number, shift: number): number {
    const { sortOf, membersOf } = this.#context.space;
    const sort = sortOf[member] ?? 0;
    const [here = [], there = []] = [membersOf[sort], this.larger.membersOf[sort]];
    return there[here.indexOf(member) + (there.length > here.length ? shift : 0)] ?? 0;
  }

  #image(atom: Atom): Atom {
    const { space } = this.#context;
    const names = atom.names.map(name => this.#counterpart(name, this.#shift));
    const template = space.templateOf(atom);
    const slot = this.larger.slotNamed(template.class, names.slice(0, atom.own));
    if (slot === undefined) throw new RangeError(`${space.slots[atom.slot]?.name} is not in a larger size`);
    return this.larger.made(slot, template.shape, names.slice(atom.own));
  }
}

/** A call by what it is and whom it names, after a renaming. */
function keyOfCall(space: Space, at: number, rename: (member: number) => number): string {
  const shape = space.actionShape(at);
  return `${shape.shape}(${space.membersNamed(shape, 'a call').map(rename).join()})`;
}
