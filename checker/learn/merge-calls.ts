import type { PartWrite } from './evaluate.ts';
import type { Finished, Move } from './forest.ts';

/** Calls that make the same change are one move; calls that change nothing are none. */
export function mergeCalls(finished: readonly Finished[]): readonly Move[] {
  const moves = new Map<string, { writes: readonly PartWrite[]; calls: Finished[]; fresh: number }>();
  for (const call of finished) {
    if (call.writes.length === 0) continue;
    const key = call.writes
      .map(({ part, to }) => `${part.index}=${to}`)
      .sort()
      .join();
    const known = moves.get(key);
    if (known === undefined) moves.set(key, { writes: call.writes, calls: [call], fresh: 0 });
    else known.calls.push(call);
  }
  return [...moves.values()];
}
