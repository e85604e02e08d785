import { z } from 'zod';
import { walkVector } from '../access/vector.ts';

/** A walk by the hardware's own tables, over the words given with `mem`; and what was seen of its outcome. */
export const walkFields = {
  ...walkVector.omit({ memory: true, id: true }).shape,
  outcome: z
    .strictObject({
      kind: z.string().optional(),
      exitReason: z.number().int().optional(),
      qualification: z
        .string()
        .regex(/^0x[0-9a-fA-F]{1,16}$/)
        .transform(BigInt)
        .optional(),
    })
    .optional()
    .describe('what was observed: an exit reason, a qualification, or the kind of outcome'),
};
