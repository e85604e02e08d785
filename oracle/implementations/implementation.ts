import { z } from 'zod';
import { isOperationFault, operationNames } from '../../model/pkvm/index.ts';

/** How an implementation is read. Complete: it states every key, and no key that is not one. */
export const implementationSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    about: z.string(),
    pkvm: z.strictObject({
      deviations: z
        .array(
          z
            .string()
            .refine(isOperationFault, 'the name of a check, a write fault or a behaviour of model/pkvm'),
        )
        .describe('in what the implementation differs from the specification; empty: nothing'),
      enomem: z
        .enum(['never', 'may'])
        .describe(
          'whether a call that maps a page in a guest may fail for want of a table page at any time',
        ),
      ignoreAccessedDirty: z.boolean().describe('bits 8 and 9, which the processor sets, are not compared'),
      ignoreSuppressVe: z
        .boolean()
        .describe('bit 63 is not compared: some revisions set it in unmapped leaves'),
    }),
    silent: z.strictObject({
      max: z
        .number()
        .int()
        .min(0)
        .max(3)
        .describe('how many calls that nobody logged may be inserted at a time'),
      operations: z.array(z.enum(operationNames)).describe('which calls may happen unlogged'),
    }),
    spp: z.strictObject({
      notPresentVsReserved: z
        .enum(['miss', 'misconfig'])
        .describe('what an SPPT entry is that is not present and has reserved bits set'),
      crossing: z
        .enum(['each', 'first'])
        .describe('whether a write over several sub-pages needs each of them or only the first'),
      writeBit: z
        .enum(['accumulated', 'leaf'])
        .describe('which write bit must be clear for sub-page permissions to count'),
    }),
  })
  .meta({ id: 'implementation', title: 'How the oracle reads an implementation' });
export type Implementation = z.infer<typeof implementationSchema>;

/** The same text for the same implementation, whatever order its keys were given in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const offsetBasis = 0xcbf2_9ce4_8422_2325n;
const prime = 0x100_0000_01b3n;

/** Names an implementation in every answer: 64-bit FNV-1a of its canonical text. It tells them apart, nothing more. */
export function hashOf(value: unknown): string {
  const bytes = new TextEncoder().encode(canonicalJson(value));
  const hash = bytes.reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * prime), offsetBasis);
  return hash.toString(16).padStart(16, '0');
}
