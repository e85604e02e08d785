import { Worker } from 'node:worker_threads';
import { allocateShared } from '../compile/words.ts';
import type { Job, Pool } from '../search/pool.ts';
import type { View } from '../search/shared.ts';
import { CHUNK_BITS } from '../search/states.ts';
import type { Answer, Buffers, Request } from './message.ts';

/** Batches under way at each thread: one that it expands, and one that waits so that the thread never does. */
const QUEUE = 2;
/** Words for the successors of a batch. Where they run out, the thread that asked does the rest of the batch. */
const SUCCESSOR_WORDS = 2 ** 18;

/** One thread, started when it is first asked something, and what it was told. */
class Thread {
  readonly #file: URL;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  #worker: Worker | undefined;
  #sent: { lanes: Int32Array; chunks: number } | undefined;

  constructor(file: URL) {
    this.#file = file;
  }

  get load(): number {
    return this.#waiting.length;
  }

  ask(view: View, from: number, to: number, buffers: Buffers): Promise<Answer> {
    // rows that were packed anew are in new chunks
    const chunksFrom = this.#sent?.lanes === view.lanes ? this.#sent.chunks : 0;
    this.#sent = { lanes: view.lanes, chunks: view.chunks.length };
    const { chunks, foundBy, visited, ...shared } = view;
    const request: Request = {
      shared,
      chunks: chunks.slice(chunksFrom),
      chunksFrom,
      foundBy: foundBy.slice(from >>> CHUNK_BITS, ((to - 1) >>> CHUNK_BITS) + 1),
      visited: visited.memory,
      from,
      to,
      buffers,
    };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', error => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    return worker;
  }
}

/**
 * Starts threads that expand states.
 *
 * @param file the compiled `worker.ts`; another one where the checker itself does not run compiled
 */
export function startPool(threads: number, file: URL = new URL('./worker.js', import.meta.url)): Pool {
  const crew = Array.from({ length: threads }, () => new Thread(file));
  const free: Buffers[] = [];
  return {
    capacity: QUEUE * threads,
    submit(view, from, to): Job {
      const buffers = buffersFor(view, free);
      const thread = crew.reduce((idlest, other) => (other.load < idlest.load ? other : idlest));
      let answer: Answer | undefined;
      const done = thread.ask(view, from, to, buffers).then(found => void (answer = found));
      // a thread that fails fails the batch that is waited for; its other batches need no answer
      done.catch(() => undefined);
      return {
        done,
        collected() {
          if (answer === undefined) throw new Error('asked for a batch that is not done');
          return { ...answer, ...buffers, numbers: view.numbers };
        },
        release() {
          buffers.visits.fill(0);
          free.push(buffers);
        },
      };
    },
    close: async () => void (await Promise.all(crew.map(thread => thread.close()))),
  };
}

function buffersFor({ children }: View, free: Buffers[]): Buffers {
  const used = free.pop();
  if (used !== undefined && used.visits.length === children.length) return used;
  return {
    visits: allocateShared(children.length),
    successors: used?.successors ?? allocateShared(SUCCESSOR_WORDS),
  };
}
