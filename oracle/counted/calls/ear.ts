import type { Knowledge } from './knowledge.ts';
import type { CountedTable, Held, LeafSpan, Place, PlaceChange } from './place.ts';

/** What a call asked about its VM: what of it nobody may have said. */
export type AskedOfVm = 'isProtected' | 'isFinalized' | 'isDying' | 'memcache';

/** Hears what one call reads of the machine and what it changes in it. */
export class Ear {
  readonly #knowledge: Knowledge;
  readonly #unknown = new Set<string>();
  readonly #asked = new Set<AskedOfVm>();
  readonly #records = new Map<bigint, bigint>();
  readonly #mapped = new Map<bigint, boolean>();
  readonly #leaves: {
    readonly table: CountedTable;
    readonly start: bigint;
    readonly size: bigint;
    readonly before: readonly LeafSpan[];
  }[] = [];
  #readsGuess = false;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  /** Places that the call read and of which nobody knows anything. */
  get unknown(): readonly string[] {
    return [...this.#unknown];
  }
  /** Whether a leaf of a guest was among them: then nobody knows which page it maps. */
  get restsOnGuestLeaf(): boolean {
    return this.#readsGuess;
  }
  hasAsked(what: AskedOfVm): boolean {
    return this.#asked.has(what);
  }

  asks(what: AskedOfVm): void {
    this.#asked.add(what);
  }

  readsRecord(page: bigint): void {
    this.#hear(this.#knowledge.unknownIn('record', page, 1n));
  }

  readsLeaves(table: CountedTable, start: bigint, size: bigint): void {
    const found = this.#knowledge.unknownIn(table, start, size);
    if (found !== undefined && table !== 'host') this.#readsGuess = true;
    this.#hear(found);
  }

  changesRecord(page: bigint, before: bigint): void {
    if (!this.#records.has(page)) this.#records.set(page, before);
  }

  changesMapped(page: bigint, before: boolean): void {
    if (!this.#mapped.has(page)) this.#mapped.set(page, before);
  }

  /** `before` is asked for only where the range was not changed before. */
  changesLeaves(table: CountedTable, start: bigint, size: bigint, before: () => Iterable<LeafSpan>): void {
    const isHeard = this.#leaves.some(
      one => one.table === table && one.start <= start && one.start + one.size >= start + size,
    );
    if (!isHeard) this.#leaves.push({ table, start, size, before: [...before()] });
  }

  /** What is otherwise than before, in the order in which it was first touched. */
  *changes(now: {
    readonly record: (page: bigint) => bigint;
    readonly isMapped: (page: bigint) => boolean;
    readonly leaves: (table: CountedTable, start: bigint, size: bigint) => Iterable<LeafSpan>;
  }): Generator<PlaceChange> {
    const onePage = (place: Place, before: bigint, after: bigint): PlaceChange[] =>
      before === after ? [] : [{ place, size: 0x1000n, before: { word: before }, after: { word: after } }];
    for (const [address, before] of this.#records)
      yield* onePage({ kind: 'record', address }, before, now.record(address));
    for (const [address, before] of this.#mapped)
      yield* onePage({ kind: 'el2', address }, BigInt(before), BigInt(now.isMapped(address)));
    for (const { table, start, size, before } of this.#leaves)
      yield* changedSpans(table, before, [...now.leaves(table, start, size)]);
  }

  #hear(unknown: string | undefined): void {
    if (unknown !== undefined) this.#unknown.add(unknown);
  }
}

/** Where two lists of leaves of the same range differ, cut where either has a boundary. */
function* changedSpans(
  table: CountedTable,
  before: readonly LeafSpan[],
  after: readonly LeafSpan[],
): Generator<PlaceChange> {
  let [i, j] = [0, 0];
  for (let at = before[0]?.start ?? 0n; ;) {
    const [old, made] = [before[i], after[j]];
    if (old === undefined || made === undefined) return;
    const end =
      old.start + old.size < made.start + made.size ? old.start + old.size : made.start + made.size;
    // how large a hole is follows from the leaves around it
    if (old.word !== made.word || (old.level !== made.level && made.word !== 0n))
      yield {
        place: { kind: 'leaf', table, address: at },
        size: end - at,
        before: heldOf(old),
        after: heldOf(made),
      };
    if (old.start + old.size === end) i++;
    if (made.start + made.size === end) j++;
    at = end;
  }
}

const heldOf = ({ word, level }: LeafSpan): Held => ({ word, ...(level === undefined ? {} : { level }) });
