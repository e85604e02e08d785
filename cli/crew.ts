import { Worker } from 'node:worker_threads';
import { CommandError, type ExitCode } from './exit.ts';

/** Does the same kind of work several times, and several at a time where there are several threads. */
export interface Crew<Request, Report> {
  readonly size: number;
  /** Answered in any order; `undefined` where the command was interrupted before it began. */
  run(request: Request): Promise<Report | undefined>;
  /** Ends the threads, also those that are at work. */
  close(): Promise<void>;
}

/** One piece of work. It reports what it has when the signal asks it to stop. */
export type Work<Request, Report> = (request: Request, signal: AbortSignal) => Promise<Report>;

/** What a thread of a crew is sent: work, or word that the command was interrupted. */
export type Order<Request> = { readonly request: Request } | 'stop';

/** What it answers: the report, or why the command cannot do its work. */
export type Answer<Report> =
  { readonly report: Report } | { readonly refused: { readonly code: ExitCode; readonly message: string } };

/** This thread alone, one piece of work after the other. The first one is begun however early the interruption came. */
function soloist<Request, Report>(work: Work<Request, Report>, signal: AbortSignal): Crew<Request, Report> {
  let last: Promise<unknown> = Promise.resolve();
  let isBegun = false;
  return {
    size: 1,
    run(request) {
      const report = last.then(() => {
        if (isBegun && signal.aborted) return undefined;
        isBegun = true;
        return work(request, signal);
      });
      last = report.catch(() => undefined);
      return report;
    },
    close: () => Promise.resolve(),
  };
}

interface Waiting<Request, Report> {
  readonly request: Request;
  resolve(report: Report | undefined): void;
  reject(error: Error): void;
}

/** Threads that take the next piece of work when they have done with one, in the order in which it was handed over. */
class Threads<Request, Report> implements Crew<Request, Report> {
  readonly size: number;
  readonly #file: URL;
  readonly #waiting: Waiting<Request, Report>[] = [];
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #at = new Map<Worker, Waiting<Request, Report>>();
  #isStopped = false;

  constructor(size: number, file: URL, signal: AbortSignal) {
    this.size = size;
    this.#file = file;
    signal.addEventListener('abort', () => this.#stop());
  }

  run(request: Request): Promise<Report | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    const report = new Promise<Report | undefined>((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
    report.catch(() => undefined); // whoever awaits an earlier one hears of it later
    return report;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map(worker => worker.terminate()));
  }

  #stop(): void {
    this.#isStopped = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
    for (const worker of this.#at.keys()) worker.postMessage('stop' satisfies Order<Request>);
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#workers.length < this.size ? this.#start() : undefined);
    const next = worker === undefined ? undefined : this.#waiting.shift();
    if (worker === undefined || next === undefined) return;
    this.#at.set(worker, next);
    worker.postMessage({ request: next.request } satisfies Order<Request>);
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    this.#workers.push(worker);
    worker.on('message', (answer: Answer<Report>) => {
      const asked = this.#at.get(worker);
      if ('report' in answer) asked?.resolve(answer.report);
      else asked?.reject(new CommandError(answer.refused.code, answer.refused.message));
      this.#at.delete(worker);
      this.#idle.push(worker);
      this.#next();
    });
    worker.on('error', error => this.#at.get(worker)?.reject(error));
    return worker;
  }
}

/**
 * @param alone does the work in this thread, where the crew is one
 * @param file the module of a thread, which hands the same work to `serveCrew`
 */
export const startCrew = <Request, Report>(
  size: number,
  signal: AbortSignal,
  alone: Work<Request, Report>,
  file: URL,
): Crew<Request, Report> =>
  size < 2 || signal.aborted ? soloist(alone, signal) : new Threads<Request, Report>(size, file, signal);
