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
    .transform((id): Guest => ({ id, kind: 'unspecified' }))
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
    })
    .transform(({ id, kind }): Guest => ({ id, kind: kind === 'any' ? 'unspecified' : kind })),
]);

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
};
export const machineSchema = z.strictObject(machineFields).meta({ id: 'machine' });
export type MachineInput = z.infer<typeof machineSchema>;

export const positionsIn = ({ pages = [], gpas = [] }: MachineInput): Positions => ({ pages, gpas });

/** The machine that was described, or what makes no sense in it. */
export function machineFrom(input: MachineInput): Machine | string {
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
  ram: ranges,
  vms,
  pages,
  gpas,
  hypervisor,
  initially,
}: MachineInput & { readonly machine?: MachineInput | undefined }): MachineInput {
  return {
    ...machine,
    ...(ranges === undefined ? {} : { ram: ranges }),
    ...(vms === undefined ? {} : { vms }),
    ...(pages === undefined ? {} : { pages }),
    ...(gpas === undefined ? {} : { gpas }),
    ...(hypervisor === undefined ? {} : { hypervisor }),
    ...(initially === undefined ? {} : { initially }),
  };
}
