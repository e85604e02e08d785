import { setFlagsFromString } from 'node:v8';

/**
 * Node 20 has no compiler between its baseline and its optimising one: what a short run learns from (the model, the
 * machines, the sentences) is optimised just before it is needed no more, at a sixth of the CPU time of a run of two
 * seconds. There it waits twice as long with that (`npm run bench` shows the difference). Later versions have one
 * (Maglev), and do not know the flag.
 */
export function delayOptimising(): void {
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--interrupt-budget=270336');
}
