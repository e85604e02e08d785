const PAUSE_MS = 50;

/** Gives timers and signals of the caller their turn, and hears whether the caller has had enough. */
export class Pause {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether to stop. To be asked between two pieces of work. */
  async isOver(): Promise<boolean> {
    if (performance.now() - this.#last > PAUSE_MS) {
      await new Promise(resolve => setTimeout(resolve, 0));
      this.#last = performance.now();
    }
    return this.#signal?.aborted === true;
  }
}
