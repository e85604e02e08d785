import { parentPort } from 'node:worker_threads';
import { type TrialRequest, tryNamed } from './trial-report.ts';

/** A thread that tries mutants, one after the other. */
parentPort?.on('message', async (request: TrialRequest) =>
  parentPort?.postMessage(await tryNamed(request)),
);
