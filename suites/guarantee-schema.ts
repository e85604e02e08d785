import { z } from 'zod';
import { covers } from './suite.ts';

/** What a suite guarantees, in every published form. */
export const guaranteeSchema = z.strictObject({
  cover: z.enum(covers),
  covered: z.number().int(),
  of: z.number().int(),
  states: z.number().int(),
  steps: z.number().int(),
  refusals: z.number().int(),
  sentence: z.string(),
});
