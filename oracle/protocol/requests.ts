import { z } from 'zod';
import { operationNames } from '../../model/pkvm/index.ts';
import { implementationSchema } from '../implementations/index.ts';
import { leavesSchema } from './leaves-input.ts';
import { machineFields, machineSchema } from './machine-input.ts';
import { nestedStateFields } from './nested-state-request.ts';
import { walkFields } from './walk-request.ts';
import { ownerId, party, prot, returnValue, u64, wordAddress } from './values.ts';

const id = z.union([z.string().max(256), z.number(), z.null()]).optional();
const name = z.enum(operationNames);

const argumentFields = {
  vm: ownerId.optional(),
  hpa: u64.optional(),
  gpa: u64.optional(),
  size: u64.optional(),
  prot: prot.optional(),
};

/** The call itself: its arguments beside its name, or together in `args`. */
const callFields = { ...argumentFields, args: z.strictObject(argumentFields).optional() };

/** What a measured implementation may add and the specification says nothing about. */
const remarks = {
  cpu: z.number().int().optional(),
  tlb: z.record(z.string(), z.number()).optional(),
  partial: z.boolean().optional(),
  comment: z.string().optional(),
};

const seq = z
  .number()
  .int()
  .min(0)
  .optional()
  .describe('counts the events: a step of more than one is a gap');

const observed = { ret: returnValue.optional(), leaves: leavesSchema.optional(), seq, ...remarks };

const accessKind = z.enum(['read', 'write', 'execute']);
const snapshotName = z.string().min(1).max(64).default('');

/** Every request, by `op`. A call may also be given with its own name as `op`. */
export const requestSchemas = {
  hello: z.strictObject({
    id,
    op: z.literal('hello'),
    protocol: z.literal(1).optional(),
    implementation: z.union([z.string(), implementationSchema]).optional(),
    profile: z
      .union([z.string(), implementationSchema])
      .optional()
      .describe('the name that "implementation" had before; it goes with the next protocol'),
    machine: machineSchema.optional(),
    ...machineFields,
  }),
  call: z.strictObject({ id, op: z.literal('call'), name, ...callFields, ...observed }),
  predict: z.strictObject({ id, op: z.literal('predict'), name, ...callFields }),
  observe: z.strictObject({ id, op: z.literal('observe'), leaves: leavesSchema, seq }),
  access: z.strictObject({
    id,
    op: z.literal('access'),
    who: party.default('host'),
    kind: accessKind,
    address: u64.optional(),
    gpa: u64.optional(),
    outcome: z.enum(['allowed', 'violation']).optional(),
    seq,
  }),
  violation: z.strictObject({
    id,
    op: z.literal('violation'),
    who: party,
    address: u64.optional(),
    gpa: u64.optional(),
    result: z.enum(['mapped', 'refused', 'retry', 'reflected', 'injected']),
    hpa: u64.optional(),
    size: u64.optional(),
    seq,
  }),
  walk: z.strictObject({ id, op: z.literal('walk'), ...walkFields, seq }),
  nested_state: z.strictObject({ id, op: z.literal('nested_state'), ...nestedStateFields }),
  gap: z.strictObject({ id, op: z.literal('gap'), lost: z.number().int().min(0).optional() }),
  read: z.strictObject({ id, op: z.literal('read'), table: party, address: u64 }),
  mem: z.strictObject({
    id,
    op: z.literal('mem'),
    words: z.union([
      z.array(z.tuple([wordAddress, u64])),
      z.record(
        z.string().regex(/^0x[0-9a-fA-F]{1,15}[08]$|^0x[08]$/, 'the address of an aligned word'),
        u64,
      ),
    ]),
  }),
  snapshot: z.strictObject({ id, op: z.literal('snapshot'), name: snapshotName.optional() }),
  restore: z.strictObject({ id, op: z.literal('restore'), name: snapshotName.optional() }),
  end: z.strictObject({ id, op: z.literal('end') }),
} as const;

export type OpName = keyof typeof requestSchemas;
export type Request = { [K in OpName]: z.infer<(typeof requestSchemas)[K]> }[OpName];
export type RequestOf<K extends OpName> = z.infer<(typeof requestSchemas)[K]>;

export const opNames = Object.keys(requestSchemas) as readonly OpName[];

/** All requests as one schema, for `pagewarden schema request`. */
export const requestSchema = z
  .discriminatedUnion('op', [
    requestSchemas.hello,
    requestSchemas.call,
    requestSchemas.predict,
    requestSchemas.observe,
    requestSchemas.access,
    requestSchemas.violation,
    requestSchemas.walk,
    requestSchemas.nested_state,
    requestSchemas.gap,
    requestSchemas.read,
    requestSchemas.mem,
    requestSchemas.snapshot,
    requestSchemas.restore,
    requestSchemas.end,
  ])
  .meta({ id: 'request', title: 'One line to the oracle' });
