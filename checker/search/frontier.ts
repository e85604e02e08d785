import type { Collected, Pool } from './pool.ts';
import type { Expander } from './expander.ts';
import type { Limits } from './limits.ts';
import type { Search } from './search.ts';

/** States that are collected before what they lead to is committed: few enough to stay in the cache. */
const BATCH = 512;
/** States of a block for another thread: enough that handing it over costs nothing. */
const BLOCK = 4096;

/** The caller's turn, a few times a second: sets a bound when one is hit. */
export type Pause = () => Promise<void>;

/**
 * Expands states in the order of their discovery. With a pool, other threads collect blocks ahead; what they found is
 * committed block by block in the same order, and whatever they could not know is done here. So every number of
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
      this.#batch(Math.min(this.expanded + BATCH, end), level);
      await this.#pause();
    }
  }

  /** The same with other threads. */
  async advanceWith(pool: Pool, end: number, level: number): Promise<void> {
    const ahead: { readonly to: number; readonly job: ReturnType<Pool['submit']> }[] = [];
    let next = this.expanded;
    while (this.expanded < end && this.#limits.bound === undefined) {
      while (next < end && ahead.length < pool.capacity) {
        const to = Math.min(next + BLOCK, end);
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
    const overflow = search.commit(expander.candidates, 0, expander.candidatesEnd, this.#limits.room);
    this.expanded = overflow?.parent ?? reached;
    search.arena.expanded(this.expanded);
    this.#lookForDeadlock(expander.quiet);
    if (overflow !== undefined) {
      search.uncount(overflow.parent, reached, []);
      this.#limits.hit(overflow.bound);
    } else if (expander.unknown.length > 0 && search.isCurrent(expander.view)) {
      // otherwise the tables were moved to make room: what is asked next has it
      this.#learn(reached, level);
    }
  }

  #allBefore(end: number, level: number): void {
    while (this.expanded < end && this.#limits.bound === undefined) this.#batch(end, level);
  }

  /** Commits what another thread found out of the states up to `to`. */
  #take(block: Collected, to: number, level: number): void {
    const search = this.#search;
    const { candidates, unknown, reached, codes } = block;
    // counts of tables that have been laid out anew are of no use any more, nor are rows that were packed in another way
    if (codes !== search.tables.spans.codes) return this.#allBefore(to, level);
    search.tables.count(block.visits);
    let at = 0;
    for (const state of [...unknown, reached]) {
      const end = search.candidatesBefore(candidates, at, block.candidatesEnd, state);
      const overflow = search.commit(candidates, at, end, this.#limits.room);
      at = end;
      this.expanded = overflow?.parent ?? state;
      if (overflow !== undefined) this.#limits.hit(overflow.bound);
      else if (state < reached) this.#allBefore(state + 1, level);
      const isStale = codes !== search.tables.spans.codes;
      if (isStale || this.#limits.bound !== undefined) {
        search.uncount(this.expanded, reached, unknown);
        break;
      }
    }
    search.arena.expanded(this.expanded);
    this.#lookForDeadlock(block.quiet);
    this.#allBefore(to, level);
  }

  /** Looks for the first deadlock among expanded states that no call changes. */
  #lookForDeadlock(quiet: readonly number[]): void {
    const found = quiet.find(index => index < this.expanded && this.#isDead(index));
    if (found !== undefined) this.deadlock = Math.min(found, this.deadlock ?? Infinity);
  }
}
