import { z } from 'zod';
import { heldJson } from '../answer.ts';
import { envelope, operation, refuse } from '../operation.ts';
import { party, seq, u64 } from '../values.ts';

/** An EPT violation that reached the hypervisor, and what it did about it. */
export const violation = operation({
  schema: z.strictObject({
    ...envelope('violation'),
    who: party,
    address: u64.optional(),
    gpa: u64.optional(),
    result: z.enum(['mapped', 'refused', 'retry', 'reflected', 'injected']),
    hpa: u64.optional(),
    size: u64.optional(),
    seq,
  }),
  help: '{"who", "address", "result", "hpa"}: an EPT violation, and what was done about it',
  answer: ({ who, address, gpa, result, hpa, size, seq: number }, conversation) => {
    const at = address ?? gpa;
    if (at === undefined) return refuse('violation needs an address (or gpa)');
    const event = {
      kind: 'violation' as const,
      who,
      address: at,
      result,
      ...(hpa === undefined ? {} : { hpa }),
      ...(size === undefined ? {} : { size }),
    };
    return heldJson(conversation, event, number);
  },
});
