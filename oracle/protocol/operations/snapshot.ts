import { z } from 'zod';
import { countOf } from '../../step/index.ts';
import { limitError } from '../errors.ts';
import { envelope, operation, Refusal } from '../operation.ts';

const name = z.string().min(1).max(64).default('').optional();

/** Keeps the possible states by name. */
export const snapshot = operation({
  schema: z.strictObject({ ...envelope('snapshot'), name }),
  help: '{"name"}: keep the state',
  answer: ({ name: given = '' }, { snapshots, candidates }) =>
    snapshots.keep(given, candidates)
      ? { snapshots: snapshots.size }
      : new Refusal(limitError('snapshots', 'no more snapshots are held')),
});

/** Goes back to states that were kept. */
export const restore = operation({
  schema: z.strictObject({ ...envelope('restore'), name }),
  help: '{"name"}: go back to it',
  answer: ({ name: given = '' }, conversation) => {
    const held = conversation.snapshots.named(given);
    if (held === undefined)
      return new Refusal({ code: 'state', message: `no snapshot is called ${JSON.stringify(given)}` });
    conversation.restore(held);
    return { candidates: countOf(held) };
  },
});
