import { z } from 'zod';
import { leafJson } from '../answer.ts';
import { envelope, operation, Refusal } from '../operation.ts';
import { party, u64 } from '../values.ts';
import { pageAt, wordsOf } from '../../step/index.ts';

/** The word of a leaf, where every possible state agrees. */
export const read = operation({
  schema: z.strictObject({ ...envelope('read'), table: party, address: u64 }),
  help: '{"table": "host" | id, "address"}: the leaf word',
  answer: ({ table, address }, { candidates }) => {
    const { vms } = candidates.machine;
    if (table !== 'host' && vms !== 'any' && vms.every(({ id }) => id !== table))
      return new Refusal({ code: 'state', message: `read: hello declared no VM ${table}` });
    return leafJson({ table, address }, wordsOf(candidates, table, pageAt(address)));
  },
});
