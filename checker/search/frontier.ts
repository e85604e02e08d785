import type { Expander } from './expander.ts';
import type { Limits } from './limits.ts';
import type { Collected, Pool } from './pool.ts';
import type { Search } from './search.ts';

/** States that are expanded before their successors are committed: few enough that those stay in the cache. */
const OWN_BATCH = 512;
/** States of a batch for another thread: so many that handing them over costs nothing beside expanding them. */
const THREAD_BATCH = 4096;

/** The caller's turn, a few times a second: sets a bound when one is hit. */
export type Pause = () => Promise<void>;

/**
 * Expands states in the order of their discovery. With a pool, other threads expand batches ahead; their successors
 * are committed batch by batch in the same order, and whatever a thread could not know is done here. So every number of
 * threads finds the same states in the same order, learns the same things from the same states, and says the same.
 */
export class Frontier {
  /** How many states were expanded. */
  expanded = 0;
  /** The first of them that is a deadlock. */
  deadlock: number | undefined;
  readonly #search: Search;
  readonly #limits: Limits;
  readonly #learn: (index: number, level: number) => void;
  readonly #isDead: (index: number) => boolean;
  readonly #pause: Pause;
  #expander: Expander;

  constructor(
    search: Search,
    limits: Limits,
    learn: (index: number, level: number) => void,
    isDead: (index: number) => boolean,
    pause: Pause,
  ) {
    this.#search = search;
    this.#limits = limits;
    this.#learn = learn;
    this.#isDead = isDead;
    this.#pause = pause;
    this.#expander = search.expander();
  }

  /** Expands the states before `end`, one after the other, until a bound is hit. */
  async advance(end: number, level: number): Promise<void> {
    while (this.expanded < end && this.#limits.bound === undefined) {
      this.#batch(Math.min(this.expanded + OWN_BATCH, end), level);
      await this.#pause();
    }
  }

  /** The same with other threads. */
  async advanceWith(pool: Pool, end: number, level: number): Promise<void> {
    const ahead: { readonly to: number; readonly job: ReturnType<Pool['submit']> }[] = [];
    let next = this.expanded;
    while (this.expanded < end && this.#limits.bound === undefined) {
      while (next < end && ahead.length < pool.capacity) {
        const to = Math.min(next + THREAD_BATCH, end);
        ahead.push({ to, job: pool.submit(this.#search.view(), next, to) });
        next = to;
      }
      const first = ahead.shift();
      if (first === undefined) break;
      await first.job.done;
      this.#take(first.job.collected(), first.to, level);
      first.job.release();
      await this.#pause();
    }
    for (const { job } of ahead) {
      await job.done;
      job.release();
    }
  }

  /** Expands some of the states before `end`: at least one, unless a bound is hit. */
  #batch(end: number, level: number): void {
    const search = this.#search;
    if (!search.isCurrent(this.#expander.view)) this.#expander = search.expander();
    const expander = this.#expander;
    const reached = expander.collect(this.expanded, end);
    const overflow = search.commit(expander.successors, 0, expander.successorsEnd, this.#limits.room);
    this.expanded = overflow?.parent ?? reached;
    search.states.expanded(this.expanded);
    this.#lookForDeadlock(expander.unmoved);
    if (overflow !== undefined) {
      search.uncount(overflow.parent, reached, []);
      this.#limits.hit(overflow.bound);
    } else if (expander.unknown.length > 0 && search.isCurrent(expander.view)) {
      // where the view is not current the tables had no room, and have it now: nothing is to be learned
      this.#learn(reached, level);
    }
  }

  #allBefore(end: number, level: number): void {
    while (this.expanded < end && this.#limits.bound === undefined) this.#batch(end, level);
  }

  /** Commits the batch that another thread expanded, of the states up to `to`. */
  #take(batch: Collected, to: number, level: number): void {
    const search = this.#search;
    const { successors, unknown, reached, numbers } = batch;
    // once the tables are laid out anew, their old counts and the rows of the old packing say nothing
    if (numbers !== search.tables.spans.numbers) return this.#allBefore(to, level);
    search.tables.count(batch.visits);
    let at = 0;
    for (const state of [...unknown, reached]) {
      const end = search.successorsBefore(successors, at, batch.successorsEnd, state);
      const overflow = search.commit(successors, at, end, this.#limits.room);
      at = end;
      this.expanded = overflow?.parent ?? state;
      if (overflow !== undefined) this.#limits.hit(overflow.bound);
      else if (state < reached) this.#allBefore(state + 1, level);
      const isStale = numbers !== search.tables.spans.numbers;
      if (isStale || this.#limits.bound !== undefined) {
        search.uncount(this.expanded, reached, unknown);
        break;
      }
    }
    search.states.expanded(this.expanded);
    this.#lookForDeadlock(batch.unmoved);
    this.#allBefore(to, level);
  }

  /** Looks for the first deadlock among expanded states that no call changes. */
  #lookForDeadlock(unmoved: readonly number[]): void {
    const found = unmoved.find(index => index < this.expanded && this.#isDead(index));
    if (found !== undefined) this.deadlock = Math.min(found, this.deadlock ?? Infinity);
  }
}
