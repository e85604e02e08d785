import { z } from 'zod';
import { BUG } from '../../../../model/pkvm/counted/index.ts';
import type { CallArguments, CountedCall, SeenOfCall } from '../../../counted/index.ts';
import { attemptJson, countedErrnoOf, countedVerdictJson } from '../../counted/answer.ts';
import type { CountedTalk } from '../../counted/talk.ts';
import { countedResult, flushSeen, placesIn, placesSeen, wipeSeen } from '../../counted/values.ts';
import { countedOperation, envelope, refuse } from '../../operation.ts';
import { ownerId, seq, u64 } from '../../values.ts';

const count = z.number().int().min(0).max(0xffff_ffff);

/** The arguments of every operation; each takes some of them. */
const argumentFields = {
  hpa: u64.optional().describe('x86: host-physical address'),
  gpa: u64.optional().describe('x86: guest-physical address'),
  size: u64.optional().describe('x86: bytes'),
  vm: ownerId.optional(),
  writable: z.boolean().optional(),
  clear: z.boolean().optional(),
  mkold: z.boolean().optional(),
  pfn: u64.optional().describe('arm64: number of a page'),
  gfn: u64.optional().describe('arm64: number of a frame of the guest'),
  nr: u64.optional().describe('arm64: how many pages'),
  prot: u64.optional().describe('arm64: PX 1, UX 2, W 4, R 8'),
  phys: u64.optional().describe('arm64: address, of force reclaim'),
  min: count.optional().describe('arm64: how many pages the memcache shall hold'),
  pfns: z.array(u64).max(4096).optional().describe('arm64: pages that it is filled from'),
};
const argumentsSchema = z.strictObject(argumentFields);

const callFields = {
  name: z.string().max(64),
  ...argumentFields,
  args: argumentsSchema.optional(),
  memcache: count.optional().describe('pages in the memcache before the call; left out: nobody knows'),
  pool: count.optional().describe('x86: free pages in the pool of the VM; left out: nobody knows'),
};

const callSchema = z.strictObject({
  ...envelope('call'),
  ...callFields,
  ret: countedResult.optional(),
  bugIn: z.string().max(128).optional().describe('the function that panicked'),
  needMemcache: count.optional().describe('with -E2BIG: the pages that the memcache must hold'),
  warnings: count.optional(),
  flushes: z.array(flushSeen).max(4096).optional().describe('all flushes of the call, in order'),
  wipes: z.array(wipeSeen).max(4096).optional().describe('all memory that was zeroed, in order'),
  ...placesSeen,
  seq,
  cpu: z.number().int().optional(),
  comment: z.string().optional(),
});
const predictSchema = z.strictObject({ ...envelope('predict'), ...callFields });

/** Arguments that an operation may be given or not. */
const optional: ReadonlySet<string> = new Set(['writable', 'clear', 'mkold', 'min', 'pfns', 'prot', 'nr']);
/** Names of the protocol where the code has other ones. */
const wireName = (name: string): string => (name === 'pa' ? 'hpa' : name);

/** The arguments as the model takes them, or which of them are missing or too many. */
function argumentsFor(
  { name, args, ...request }: z.output<typeof callSchema> | z.output<typeof predictSchema>,
  { implementation, conversation: { model } }: CountedTalk,
): CallArguments | string {
  const shape = model.shapeOf(name);
  if (shape === undefined)
    return `no call of ${implementation.name} is named ${JSON.stringify(name)}: there are ${model.names.join(', ')}`;
  const given: z.output<typeof argumentsSchema> = args ?? request;
  const wanted = shape.takes.map(wireName);
  const missing = wanted.find(one => !optional.has(one) && given[one as keyof typeof given] === undefined);
  if (missing !== undefined) return `${name} needs ${missing}`;
  const known = Object.keys(argumentFields) as (keyof typeof given)[];
  const strange = known.find(one => given[one] !== undefined && !wanted.includes(one));
  if (strange !== undefined) return `${name} takes no ${strange}: it takes ${wanted.join(', ')}`;
  const { hpa, gpa, size, vm, writable, clear, mkold, pfn, gfn, nr, prot, phys, min, pfns } = given;
  return { pa: hpa, gpa, size, vm, writable, clear, mkold, pfn, gfn, nr, prot, phys, min, pfns };
}

/** Pages of the pool that nobody can count on arm64. */
const uncounted = 1024;

function countedCallOf(
  request: z.output<typeof callSchema> | z.output<typeof predictSchema>,
  talk: CountedTalk,
): CountedCall | string {
  const args = argumentsFor(request, talk);
  if (typeof args === 'string') return args;
  const { name, memcache } = request;
  const pool = talk.implementation.machine === 'arm64' ? uncounted : request.pool;
  const memory = {
    ...(memcache === undefined ? {} : { memcache }),
    ...(pool === undefined || (talk.implementation.machine === 'arm64' && memcache === undefined)
      ? {}
      : { pool }),
  };
  const seen = 'op' in request && request.op === 'call' ? seenIn(request) : {};
  if (seen.flushes !== undefined && !talk.conversation.model.observes.includes('flushes'))
    return `call: what ${talk.implementation.name} flushes is not specified`;
  const call: CountedCall = { name, args, memory, seen };
  return talk.conversation.objection(call) ?? call;
}

function seenIn(request: z.output<typeof callSchema>): SeenOfCall {
  const { ret, bugIn, needMemcache, warnings, flushes, wipes } = request;
  const places = placesIn(request);
  return {
    ...(ret === undefined ? {} : { result: ret }),
    ...(bugIn === undefined ? {} : { bugIn }),
    ...(needMemcache === undefined ? {} : { needMemcache }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(flushes === undefined ? {} : { flushes }),
    ...(wipes === undefined ? {} : { wipes }),
    ...(places.length === 0 ? {} : { places }),
  };
}

/** A call that was made. What of it was observed is held against the implementation; otherwise it is done as it does. */
export const countedCall = countedOperation({
  schema: callSchema,
  help: `{"name": "host_use_dma", "hpa", "gpa", "size", "vm", …, "memcache", "pool", "ret", "needMemcache",
"flushes", "wipes", "records", "leaves"}: as call, of implementations that count; "ret" may be "BUG"`,
  answer: (request, talk) => {
    const call = countedCallOf(request, talk);
    if (typeof call === 'string') return refuse(call);
    const { model } = talk.conversation;
    const isSeen = Object.keys(call.seen).length > 0;
    const judged = isSeen ? talk.judge(call, request.seq) : talk.perform(call);
    const { attempts } = judged;
    const [first] = attempts.filter(({ differences }) => differences.length === 0);
    const done = first === undefined ? {} : attemptJson(model, first);
    const gone = talk.conversation.isGone ? { gone: true } : {};
    if (!isSeen) return { ...done, ...unsure(judged), ...gone, dialect: talk.hash };
    const allowed = judged.verdict === 'allowed' ? [] : attempts.map(one => attemptJson(model, one));
    return {
      ...countedVerdictJson(judged),
      ...(judged.verdict === 'allowed'
        ? {
            ret: first?.outcome.result,
            errno: errnoIn(first?.outcome.result),
            writes: 'writes' in done ? done.writes : [],
          }
        : {}),
      ...(allowed.length === 0 ? {} : { allowed }),
      ...gone,
      dialect: talk.hash,
    };
  },
});

const errnoIn = (result: Parameters<typeof countedErrnoOf>[0] | undefined): string | null =>
  result === undefined || result === BUG ? null : countedErrnoOf(result);

/** What is done where nobody knows what it rests on is not sure. */
const unsure = ({ verdict, why }: { readonly verdict: string; readonly why: string }) =>
  verdict === 'allowed' ? {} : { verdict, why };

/** Everything that a call may do, with nothing done. */
export const countedPredict = countedOperation({
  schema: predictSchema,
  help: 'as call: everything that may happen, nothing applied',
  answer: (request, talk) => {
    const call = countedCallOf(request, talk);
    if (typeof call === 'string') return refuse(call);
    const { conversation } = talk;
    return {
      allowed: conversation.predict(call).map(one => attemptJson(conversation.model, one)),
      dialect: talk.hash,
    };
  },
});
