import { parentPort } from 'node:worker_threads';
import type { Answer, Order, Work } from './crew.ts';
import { CommandError } from './exit.ts';

/** Makes this thread one of a crew: it does one piece of work after the other. */
export function serveCrew<Request, Report>(work: Work<Request, Report>): void {
  const interrupted = new AbortController();
  const answer = async (request: Request): Promise<Answer<Report>> => {
    try {
      return { report: await work(request, interrupted.signal) };
    } catch (error) {
      // anything else ends the thread, and the crew tells of it
      if (!(error instanceof CommandError)) throw error;
      return { refused: { code: error.code, message: error.message } };
    }
  };
  parentPort?.on('message', (order: Order<Request>) => {
    if (order === 'stop') interrupted.abort();
    else void answer(order.request).then(said => parentPort?.postMessage(said));
  });
}
