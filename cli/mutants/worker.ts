import { parentPort } from 'node:worker_threads';
import { type TrialRequest, tryNamed } from './trial-report.ts';

/** A thread that tries mutants, one after the other. */
parentPort?.on('message', (request: TrialRequest) => {
  // a trial that throws ends the thread, and the pool tells of it
  void tryNamed(request).then(report => parentPort?.postMessage(report));
});
