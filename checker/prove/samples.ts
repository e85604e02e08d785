import type { Atom } from './atom.ts';
import { Sample } from './sample.ts';
import type { Counts, Sized } from './sized.ts';
import { type Language, Space } from './space.ts';

/** States up to which an instance counts as small. */
const SMALL = 20_000;

/** What the samples say of some atoms together; `unknown` until an instance large enough for them was explored. */
export type Evidence = 'reached' | 'never' | 'unknown' | 'none';

/**
 * Small instances, explored: with one member of each sort, then with one more of one sort at a time; and whatever
 * instance is large enough for a question that comes up, once `explore` was called again.
 */
export class Samples {
  readonly all: Sample[] = [];
  readonly #sized: Sized;
  readonly #language: Language;
  readonly #known = new Map<string, Sample>();
  readonly #wanted = new Map<string, Counts>();

  readonly #signal: AbortSignal | undefined;

  constructor(sized: Sized, language: Language, signal?: AbortSignal) {
    this.#signal = signal;
    this.#sized = sized;
    this.#language = language;
    const least = Object.fromEntries(sized.sorts.map(({ name, least: fewest = 1 }) => [name, fewest]));
    for (const { name } of sized.sorts) this.#want({ ...least, [name]: (least[name] ?? 0) + 1 });
    if (sized.sorts.length === 0) this.#want(least);
  }

  /** Whether a sample breaks a sentence, by its name: then no proof of it need be tried. */
  isBroken(name: string): boolean {
    return this.all.some(
      ({ found, space }) =>
        (found.twin?.disagreement !== undefined && space.system.twin?.name === name) ||
        found.properties.some(({ property, verdict }) => verdict === 'violated' && property.name === name),
    );
  }

  #want(counts: Counts): void {
    const key = keyOf(counts);
    if (!this.#known.has(key)) this.#wanted.set(key, counts);
  }

  /** Explores what was asked for; whether there was anything. */
  async explore(): Promise<boolean> {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const [key, counts] of wanted) {
      const space = new Space(this.#sized.build(counts), this.#language);
      const sample = await Sample.of(space, {
        maxStates: SMALL,
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
      this.#known.set(key, sample);
      this.all.push(sample);
    }
    return wanted.length > 0;
  }

  /**
   * Whether these atoms of an instance stand together in a sample. Only a sample that is whole and has all members
   * that they name can say that they never do.
   */
  evidence(atoms: readonly Atom[], space: Space): Evidence {
    if (this.all.some(sample => sample.reaches(atoms, space))) return 'reached';
    if (this.#isJudged(atoms, space)) return 'never';
    const counts = this.#countsFor(atoms, space);
    const tried = this.#known.get(keyOf(counts));
    if (tried !== undefined) return 'none';
    this.#want(counts);
    return 'unknown';
  }

  #isJudged(atoms: readonly Atom[], space: Space): boolean {
    return this.all.some(sample => sample.isWhole && sample.fits(atoms, space));
  }

  /** The smallest instance that has the members that these atoms name. */
  #countsFor(atoms: readonly Atom[], { sortOf }: Space): Counts {
    const named = new Set(atoms.flatMap(({ names }) => names));
    return Object.fromEntries(
      this.#sized.sorts.map(({ name, least = 1 }) => {
        const sort = this.#language.sorts.of(name);
        return [name, Math.max(least, [...named].filter(member => sortOf[member] === sort).length)];
      }),
    );
  }
}

const keyOf = (counts: Counts): string => JSON.stringify(Object.entries(counts).toSorted());
