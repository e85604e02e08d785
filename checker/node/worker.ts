import { parentPort } from 'node:worker_threads';
import { CHUNK_BITS } from '../search/states.ts';
import { Expander } from '../search/expander.ts';
import type { View } from '../search/shared.ts';
import { visitedFrom } from '../search/visited.ts';
import type { Answer, Question } from './message.ts';

/** A thread that expands blocks of states. It knows nothing of the system: it reads tables that others learn. */

const chunks: Int32Array[] = [];

parentPort?.on('message', (question: Question) => {
  const { view, from, to, buffers } = question;
  chunks.length = Math.min(chunks.length, view.chunksFrom);
  chunks.push(...view.chunks);
  const vias: (Int32Array | undefined)[] = [];
  view.vias.forEach((of, at) => (vias[(from >>> CHUNK_BITS) + at] = of));
  const visited = visitedFrom(view.visited, view.bits, view.words);
  const seen: View = { ...view, chunks, vias, visited };
  const expander = new Expander(seen, buffers.visits, buffers.candidates);
  const reached = expander.collect(from, to);
  const { candidatesEnd, unknown, quiet } = expander;
  parentPort?.postMessage({ reached, candidatesEnd, unknown, quiet } satisfies Answer);
});
