import { z } from 'zod';
import { type CallArguments, operationNames, operations } from '../../../model/pkvm/index.ts';
import type { NamedCall } from '../../step/index.ts';
import { errnoOf, heldJson, outcomeJson, writesJson } from '../answer.ts';
import { leavesFrom, leavesSchema } from '../leaves.ts';
import { envelope, operation, refuse } from '../operation.ts';
import { ownerId, prot, returnValue, seq, u64 } from '../values.ts';

const argumentFields = {
  vm: ownerId.optional(),
  hpa: u64.optional(),
  gpa: u64.optional(),
  size: u64.optional(),
  prot: prot.optional(),
};

/** The call itself: its arguments beside its name, or together in `args`. */
const callFields = {
  name: z.enum(operationNames),
  ...argumentFields,
  args: z.strictObject(argumentFields).optional(),
};

/** What a measured implementation may add and the specification says nothing about. */
const remarks = {
  cpu: z.number().int().optional(),
  tlb: z.record(z.string(), z.number()).optional(),
  partial: z.boolean().optional(),
  comment: z.string().optional(),
};

const callSchema = z.strictObject({
  ...envelope('call'),
  ...callFields,
  ret: returnValue.optional(),
  leaves: leavesSchema.optional(),
  seq,
  ...remarks,
});
const predictSchema = z.strictObject({ ...envelope('predict'), ...callFields });

/** The call that a request tells of, or which of its arguments is missing. */
function namedCall(
  request: z.output<typeof callSchema> | z.output<typeof predictSchema>,
): NamedCall | string {
  const { name } = request;
  const given = request.args ?? request;
  const { names } = operations[name];
  const needed: readonly (keyof typeof given & ('hpa' | 'gpa' | 'vm' | 'size'))[] = [
    ...(names === 'gpa' ? [] : ['hpa' as const]),
    ...(names === 'hpa' ? [] : ['vm' as const, 'gpa' as const]),
    'size',
  ];
  const missing = needed.find(argument => given[argument] === undefined);
  if (missing !== undefined) return `${name} needs ${missing}`;
  const { hpa, gpa, vm, size = 0n, prot: grant } = given;
  const args: CallArguments = {
    size,
    ...(hpa === undefined ? {} : { hpa }),
    ...(gpa === undefined ? {} : { gpa }),
    ...(vm === undefined ? {} : { vm }),
    ...(grant === undefined ? {} : { prot: grant }),
  };
  return { name, args };
}

/** A call that was made. What of it was observed is held against the specification; otherwise it is done as it says. */
export const call = operation({
  schema: callSchema,
  help: `{"name": "host_share_guest", "vm", "hpa", "gpa", "size", "prot", "ret", "leaves"}; without "ret" and
"leaves" the call is predicted and applied`,
  answer: (request, conversation) => {
    const named = namedCall(request);
    if (typeof named === 'string') return refuse(named);
    const leaves =
      request.leaves === undefined ? undefined : leavesFrom(request.leaves, conversation.positions);
    if (typeof leaves === 'string') return refuse(leaves);
    const { ret } = request;
    if (ret === undefined && leaves === undefined) {
      const done = conversation.perform(named);
      if (done !== undefined) {
        const { ret: result, rule, why, writes } = done.outcome;
        return {
          ret: result,
          errno: errnoOf(result),
          rule,
          why,
          writes: writesJson(writes),
          dialect: conversation.hash,
        };
      }
    }
    const event = {
      kind: 'call' as const,
      ...named,
      ...(ret === undefined ? {} : { ret }),
      ...(leaves === undefined ? {} : { leaves }),
    };
    return heldJson(conversation, event, request.seq);
  },
});

/** Everything that a call may do, with nothing done. */
export const predict = operation({
  schema: predictSchema,
  help: 'as call: everything that may happen, nothing applied',
  answer: (request, conversation) => {
    const named = namedCall(request);
    if (typeof named === 'string') return refuse(named);
    return { allowed: conversation.predict(named).map(outcomeJson), dialect: conversation.hash };
  },
});
