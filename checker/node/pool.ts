import { Worker } from 'node:worker_threads';
import { CHUNK_BITS } from '../search/states.ts';
import type { View } from '../search/shared.ts';
import type { Job, Pool } from '../search/pool.ts';
import { allocateShared } from '../compile/words.ts';
import type { Answer, Buffers, Question } from './message.ts';

/** Blocks that wait at each thread, so that it never waits for one. */
const QUEUE = 2;
/** Words for the candidates of a block. Where they run out, the rest of the block is done by the asker. */
const CANDIDATE_WORDS = 2 ** 18;

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
    const isSameArena = this.#sent?.lanes === view.lanes;
    const chunksFrom = isSameArena ? (this.#sent?.chunks ?? 0) : 0;
    this.#sent = { lanes: view.lanes, chunks: view.chunks.length };
    const question: Question = {
      view: {
        ...view,
        chunksFrom,
        chunks: view.chunks.slice(chunksFrom),
        // only of the states of this question
        vias: view.vias.slice(from >>> CHUNK_BITS, ((to - 1) >>> CHUNK_BITS) + 1),
        visited: view.visited.memory,
      },
      from,
      to,
      buffers,
    };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage(question);
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
      // a thread that fails fails the block that is waited for; the others need not be heard
      done.catch(() => undefined);
      return {
        done,
        collected() {
          if (answer === undefined) throw new Error('asked for a block that is not done');
          return { ...answer, ...buffers, codes: view.codes };
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
    candidates: used?.candidates ?? allocateShared(CANDIDATE_WORDS),
  };
}
