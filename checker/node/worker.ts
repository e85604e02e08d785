import { parentPort } from 'node:worker_threads';
import { Expander } from '../search/expander.ts';
import { CHUNK_BITS } from '../search/states.ts';
import { visitedFrom } from '../search/visited.ts';
import type { Answer, Request } from './message.ts';

/** A thread that expands batches of states. It knows nothing of the system: it reads tables that another one learns. */

const chunks: Int32Array[] = [];

parentPort?.on('message', (request: Request) => {
  const { shared, from, to, buffers } = request;
  chunks.length = Math.min(chunks.length, request.chunksFrom);
  chunks.push(...request.chunks);
  const foundBy: (Int32Array | undefined)[] = [];
  request.foundBy.forEach((moves, at) => (foundBy[(from >>> CHUNK_BITS) + at] = moves));
  const visited = visitedFrom(request.visited, shared.bits, shared.words);
  const expander = new Expander(
    { ...shared, chunks, foundBy, visited },
    buffers.visits,
    buffers.successors,
  );
  const reached = expander.collect(from, to);
  const { successorsEnd, unknown, unmoved } = expander;
  parentPort?.postMessage({ reached, successorsEnd, unknown, unmoved } satisfies Answer);
});
