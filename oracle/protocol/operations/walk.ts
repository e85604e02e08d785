import { z } from 'zod';
import { fetchCommand } from '../../../evidence/dumps/index.ts';
import { addressHex } from '../../../model/bits/index.ts';
import { type Outcome, outcomeJson } from '../../../model/ept/index.ts';
import { verdictJson } from '../answer.ts';
import { envelope, operation } from '../operation.ts';
import { seq } from '../values.ts';
import { fromVector, walkVector } from '../walk-vector.ts';
import { stepWalk } from '../../step/index.ts';

const schema = z.strictObject({
  ...envelope('walk'),
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
  seq,
});

/** The outcome and, where a word is missing, the command that fetches its page. */
function outcomeFields(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind !== 'unknown') return { outcome: outcomeJson(outcome) };
  const page = outcome.address - (outcome.address % 4096n);
  return {
    needs: [
      { physical: addressHex(outcome.address), bytes: 8, table: outcome.table, level: outcome.level },
    ],
    hint: fetchCommand('qemu-xp', page),
  };
}

/** A walk by the hardware's own tables, over the words given with `mem`; and what was seen of its outcome. */
export const walk = operation({
  schema,
  help: `{"eptp", "spptp", "access": {"kind", "gpa", "size"}, "controls", "outcome"}: the hardware's walk over "mem"`,
  answer: (request, conversation) => {
    const { cpu, access } = fromVector({ ...request, memory: {}, id: undefined });
    const event = { cpu, access, seen: request.outcome };
    const { verdict, outcome } = stepWalk(event, conversation.memory, conversation.implementation);
    conversation.saw(verdict);
    return { ...verdictJson(verdict), ...outcomeFields(outcome), dialect: conversation.hash };
  },
});
