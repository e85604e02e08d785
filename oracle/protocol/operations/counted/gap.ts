import { z } from 'zod';
import { countedVerdictJson } from '../../counted/answer.ts';
import { countedOperation, envelope } from '../../operation.ts';

/** Events are missing here. */
export const countedGap = countedOperation({
  schema: z.strictObject({ ...envelope('gap'), lost: z.number().int().min(0).optional() }),
  help: '{"lost"}: events are missing here',
  answer: ({ lost }, talk) => ({
    ...countedVerdictJson(
      talk.gap(lost === undefined ? 'events are missing' : `${lost} events are missing`),
    ),
    dialect: talk.hash,
  }),
});
