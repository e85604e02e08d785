import type { Checkpoint } from './snapshot.ts';

/**
 * Decides when a run is saved: so often that little is lost, so seldom that it costs a tenth of the time at most. A save
 * that fails (a full disk) does not end the run.
 */
export class Autosave {
  /** Why the last save failed; `undefined` where it did not. */
  failure: string | undefined;
  readonly #save: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  #due = 0;

  constructor(save: ((checkpoint: Checkpoint) => Promise<void>) | undefined) {
    this.#save = save;
  }

  async atBoundary(make: () => Checkpoint): Promise<void> {
    if (performance.now() >= this.#due) await this.atEnd(make);
  }

  async atEnd(make: () => Checkpoint): Promise<void> {
    if (this.#save === undefined) return;
    const started = performance.now();
    this.failure = await this.#save(make()).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const ended = performance.now();
    this.#due = ended + 10 * (ended - started);
  }
}
