import { z } from 'zod';
import { heldJson } from '../answer.ts';
import { envelope, operation } from '../operation.ts';

/** Events are missing here. */
export const gap = operation({
  schema: z.strictObject({ ...envelope('gap'), lost: z.number().int().min(0).optional() }),
  help: '{"lost"}: events are missing here',
  answer: ({ lost }, conversation) =>
    heldJson(conversation, { kind: 'gap', ...(lost === undefined ? {} : { lost }) }),
});
