import { z } from 'zod';
import { envelope, operation } from '../operation.ts';

/** Ends the session with what was counted. */
export const end = operation({
  schema: z.strictObject(envelope('end')),
  help: 'summary and coverage; nothing behind it is read',
  answer: (_, conversation) => {
    conversation.end();
    const { summary, coverage } = conversation.tally;
    return { summary, coverage, dialect: conversation.hash };
  },
});
