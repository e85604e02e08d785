import { z } from 'zod';
import type { AddressRange } from '../../model/pkvm/index.ts';
import type { Positions } from '../conversation/index.ts';
import type { Guest, Machine } from '../step/index.ts';
import { limits } from './limits.ts';
import { ownerId, u64 } from './values.ts';

const range = z.union([
  z.strictObject({ start: u64, end: u64 }),
  z.strictObject({ start: u64, size: u64 }).transform(({ start, size }) => ({ start, end: start + size })),
  z.tuple([u64, u64]).transform(([start, end]) => ({ start, end })),
]);

const ram = z
  .union([
    z.tuple([u64, u64]).transform(([start, end]) => [{ start, end }]),
    z.array(range).max(limits.ramRanges),
  ])
  .meta({ description: 'RAM: ranges [start, end) as pairs or objects, or one pair' });

const vm = z.union([
  ownerId
    .transform((id): MachineGuest => ({ id, kind: 'unspecified' }))
    .meta({ description: 'a guest whose kind is not held against its calls' }),
  z
    .strictObject({
      id: ownerId,
      kind: z
        .enum(['protected', 'normal', 'any', 'unspecified', 'unknown'])
        .default('unknown')
        .describe(
          'any: either, and not held against its calls; unknown: one of both, which its calls will tell',
        ),
      finalized: z
        .boolean()
        .optional()
        .describe('x86 that counts: pages may be donated to it; its calls will tell where it is left out'),
      handle: ownerId.optional().describe('arm64: what annotations name it by; 0x1000 and on otherwise'),
      dying: z.boolean().optional().describe('arm64: its teardown has begun'),
    })
    .transform(({ id, kind, finalized, handle, dying }): MachineGuest => ({
      id,
      kind: kind === 'any' ? 'unspecified' : kind,
      ...(finalized === undefined ? {} : { isFinalized: finalized }),
      ...(handle === undefined ? {} : { handle }),
      ...(dying === undefined ? {} : { isDying: dying }),
    })),
]);

/** A guest, with what only implementations that count ask of it. */
interface MachineGuest extends Guest {
  readonly isFinalized?: boolean;
  readonly handle?: number;
  readonly isDying?: boolean;
}

/** What `hello` says of the machine; everything may be left out, and is then not checked. */
export const machineFields = {
  ram: ram.optional(),
  vms: z.array(vm).max(limits.vms).optional(),
  /** What the positions in a list of host leaves mean. */
  pages: z.array(u64).max(4096).optional(),
  /** What the positions in a list of guest leaves mean. */
  gpas: z.array(u64).max(4096).optional(),
  /** What is the hypervisor's own from the start. */
  hypervisor: ram.optional(),
  initially: z.enum(['host owns all RAM', 'unknown']).optional(),
  pageSizes: z
    .array(z.enum(['4K', '2M', '1G']))
    .min(1)
    .optional()
    .describe('x86 that counts: which leaves there are; all where it is left out'),
  ipaBits: z
    .number()
    .int()
    .min(32)
    .max(52)
    .optional()
    .describe('arm64: bits of the addresses of guests; 48'),
  xnx: z.boolean().optional().describe('arm64: whether the processor has FEAT_XNX'),
};
export const machineSchema = z.strictObject(machineFields).meta({ id: 'machine' });
export type MachineInput = z.infer<typeof machineSchema>;

export const positionsIn = ({ pages = [], gpas = [] }: MachineInput): Positions => ({ pages, gpas });

/** The machine that was described, or what makes no sense in it. */
export function machineFrom(
  input: MachineInput,
): (Omit<Machine, 'vms'> & { readonly vms: readonly MachineGuest[] | 'any' }) | string {
  const ranges: readonly AddressRange[] = [...(input.ram ?? []), ...(input.hypervisor ?? [])];
  const empty = ranges.find(({ start, end }) => end <= start);
  if (empty !== undefined) return `a range of memory ends before it begins: 0x${empty.start.toString(16)}`;
  const ids = (input.vms ?? []).map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return `two guests have the id ${twice}`;
  const own = input.hypervisor;
  const strange = [...(input.pages ?? []), ...(input.gpas ?? [])].find(address => address % 4096n !== 0n);
  if (strange !== undefined)
    return `pages and gpas are addresses of pages: 0x${strange.toString(16)} is none`;
  return {
    ...(own === undefined ? {} : { hypervisor: own }),
    ram: input.ram ?? 'any',
    vms: input.vms ?? 'any',
    initially: input.initially ?? 'host owns all RAM',
  };
}

/** What `hello` says of the machine: in `machine`, or beside it. */
export function machineIn({
  machine,
  ...request
}: MachineInput & { readonly machine?: MachineInput | undefined }): MachineInput {
  const fields = Object.keys(machineFields) as (keyof MachineInput)[];
  const beside = fields.flatMap(field => (request[field] === undefined ? [] : [[field, request[field]]]));
  return { ...machine, ...(Object.fromEntries(beside) as MachineInput) };
}
