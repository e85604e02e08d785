import { z } from 'zod';
import { heldJson } from '../answer.ts';
import { envelope, operation, refuse } from '../operation.ts';
import { party, seq, u64 } from '../values.ts';

/** One access, and whether the tables let it through. */
export const access = operation({
  schema: z.strictObject({
    ...envelope('access'),
    who: party.default('host'),
    kind: z.enum(['read', 'write', 'execute']),
    address: u64.optional(),
    gpa: u64.optional(),
    outcome: z.enum(['allowed', 'violation']).optional(),
    seq,
  }),
  help: '{"who", "kind", "address", "outcome"}: an access, and whether it went through',
  answer: ({ who, kind, address, gpa, outcome, seq: number }, conversation) => {
    const at = address ?? gpa;
    if (at === undefined) return refuse('access needs an address (or gpa)');
    const event = { kind: 'access' as const, who, access: kind, address: at };
    return heldJson(conversation, outcome === undefined ? event : { ...event, outcome }, number);
  },
});
