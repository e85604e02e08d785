import { z } from 'zod';
import { limitError } from '../../errors.ts';
import { countedOperation, envelope, Refusal } from '../../operation.ts';

const name = z.string().min(1).max(64).default('').optional();

/** Keeps the machine by name. */
export const countedSnapshot = countedOperation({
  schema: z.strictObject({ ...envelope('snapshot'), name }),
  help: '{"name"}: keep the state',
  answer: ({ name: given = '' }, talk) => {
    const snapshots = talk.keep(given);
    return snapshots === undefined
      ? new Refusal(limitError('snapshots', 'no more snapshots are held'))
      : { snapshots };
  },
});

/** Goes back to a machine that was kept; those that were kept later are gone then. */
export const countedRestore = countedOperation({
  schema: z.strictObject({ ...envelope('restore'), name }),
  help: '{"name"}: go back to it',
  answer: ({ name: given = '' }, { conversation }) =>
    conversation.restore(given)
      ? { restored: given }
      : new Refusal({ code: 'state', message: `no snapshot is called ${JSON.stringify(given)}` }),
});
