import { z } from 'zod';
import { envelope, sessionOperation } from '../operation.ts';

/** Ends the session with what was counted. */
export const end = sessionOperation({
  schema: z.strictObject(envelope('end')),
  help: 'summary and coverage; nothing behind it is read',
  answer: (_, { conversation, counted, summary, coverage }) => {
    conversation.end();
    return { summary, coverage, dialect: counted?.hash ?? conversation.hash };
  },
});
