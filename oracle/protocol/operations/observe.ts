import { z } from 'zod';
import { heldJson } from '../answer.ts';
import { leavesFrom, leavesSchema } from '../leaves.ts';
import { envelope, operation, refuse } from '../operation.ts';
import { seq } from '../values.ts';

/** Leaves as they were seen between two calls. */
export const observe = operation({
  schema: z.strictObject({ ...envelope('observe'), leaves: leavesSchema, seq }),
  help: '{"leaves"}: leaf words as they were seen',
  answer: (request, conversation) => {
    const leaves = leavesFrom(request.leaves, conversation.positions);
    return typeof leaves === 'string'
      ? refuse(leaves)
      : heldJson(conversation, { kind: 'observe', leaves }, request.seq);
  },
});
