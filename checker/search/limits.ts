import type { Bound } from '../system/exploration.ts';
import type { Room } from './search.ts';

const SAMPLE_MS = 250;
const YIELD_MS = 100;

/** A sample of a run under way. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly level: number;
  /** States of the current level not yet expanded, plus those found for the next. */
  readonly frontier: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** What a run may use, and who watches it. */
export interface LimitOptions {
  readonly maxStates?: number;
  readonly maxMemoryBytes?: number;
  readonly maxDepth?: number;
  readonly maxSeconds?: number;
  /** Ends the run between two states, with what it found so far as a partial result. */
  readonly signal?: AbortSignal;
  /** Called at most about four times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What a run may use, and what it has used when it last looked. Once a bound is hit it stays hit. */
export class Limits {
  bound: Bound | undefined;
  readonly #options: LimitOptions;
  readonly #started = performance.now();
  #sampled = -Infinity;
  #yielded = performance.now();

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  get room(): Room {
    const { maxStates = Infinity, maxMemoryBytes = Infinity } = this.#options;
    return { maxStates, maxBytes: maxMemoryBytes };
  }

  hit(bound: Bound): void {
    this.bound ??= bound;
  }

  isTooDeep(level: number): boolean {
    return level >= (this.#options.maxDepth ?? Infinity);
  }

  /**
   * Looks at the clock, at the memory and at the signal; lets timers and signals of the caller have their turn a few
   * times a second. To be called every fraction of a millisecond.
   */
  async pause(bytes: number, progress: () => Omit<Progress, 'seconds' | 'bytes'>): Promise<void> {
    const { maxSeconds = Infinity, maxMemoryBytes = Infinity, signal, onProgress } = this.#options;
    const now = performance.now();
    if (onProgress !== undefined && now - this.#sampled > SAMPLE_MS) {
      this.#sampled = now;
      onProgress({ ...progress(), bytes, seconds: this.seconds });
    }
    if (bytes > maxMemoryBytes) this.hit('memory');
    if (this.seconds > maxSeconds) this.hit('time');
    if (now - this.#yielded > YIELD_MS) {
      await new Promise(resolve => setTimeout(resolve, 0));
      this.#yielded = performance.now();
    }
    if (signal?.aborted === true) this.hit('interrupted');
  }
}
