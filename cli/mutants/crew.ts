import { Worker } from 'node:worker_threads';
import { type TrialReport, type TrialRequest, tryNamed } from './trial-report.ts';

/** Tries mutants, several at a time where there are several threads. */
export interface Crew {
  readonly size: number;
  /** Answered in any order; `undefined` where the run was cut short before. */
  run(request: TrialRequest): Promise<TrialReport | undefined>;
  close(): Promise<void>;
}

/** This thread alone, one mutant after the other. */
function soloist(signal: AbortSignal): Crew {
  let last: Promise<unknown> = Promise.resolve();
  return {
    size: 1,
    run(request) {
      const report = last.then(() => (signal.aborted ? undefined : tryNamed(request, signal)));
      last = report.catch(() => undefined);
      return report;
    },
    close: () => Promise.resolve(),
  };
}

interface Waiting {
  readonly request: TrialRequest;
  resolve(report: TrialReport | undefined): void;
  reject(error: Error): void;
}

/** Threads that take the next mutant when they have done with one, in the order in which mutants were handed over. */
class Threads implements Crew {
  readonly size: number;
  readonly #waiting: Waiting[] = [];
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #at = new Map<Worker, Waiting>();
  #isClosed = false;

  constructor(size: number, signal: AbortSignal) {
    this.size = size;
    signal.addEventListener('abort', () => void this.close());
  }

  run(request: TrialRequest): Promise<TrialReport | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const left = [...this.#at.values(), ...this.#waiting.splice(0)];
    this.#at.clear();
    for (const { resolve } of left) resolve(undefined);
    await Promise.all(this.#workers.splice(0).map(worker => worker.terminate()));
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#workers.length < this.size ? this.#start() : undefined);
    const next = worker === undefined ? undefined : this.#waiting.shift();
    if (worker === undefined || next === undefined) return;
    this.#at.set(worker, next);
    worker.postMessage(next.request);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    this.#workers.push(worker);
    worker.on('message', (report: TrialReport) => {
      this.#at.get(worker)?.resolve(report);
      this.#at.delete(worker);
      this.#idle.push(worker);
      this.#next();
    });
    worker.on('error', error => this.#at.get(worker)?.reject(error));
    return worker;
  }
}

export const startCrew = (size: number, signal: AbortSignal): Crew =>
  size < 2 ? soloist(signal) : new Threads(size, signal);
