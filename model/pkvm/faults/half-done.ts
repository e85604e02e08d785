import type { Word } from '../../bits/index.ts';
import type { PageOfCall } from '../check.ts';
import type { CallOutcome } from '../result.ts';
import type { Request } from '../rules.ts';
import { wipesOf, writesOf } from '../run.ts';

/** A call that fails after its initiator was changed: what was written stays, the caller sees +1. */
export const halfDone = <W extends Word>(
  request: Request<W>,
  pages: readonly PageOfCall<W>[],
): CallOutcome<W> => ({
  result: 1,
  rule: 'complete',
  why: 'failed after the initiator was changed',
  writes: writesOf(request.operation.transition.initiate, pages, request.args.prot),
  wipes: wipesOf(request, pages),
});
