import { z } from 'zod';

/** Values as recordings hold them: hexadecimal digits without a prefix for addresses, sizes and words. */

/** An unsigned 64-bit number in hexadecimal digits. */
export const hexNumber = z
  .string()
  .regex(/^[0-9a-f]{1,16}$/i, 'hexadecimal digits, at most 64 bits')
  .transform(digits => BigInt(`0x${digits}`));

export const flag = z.union([z.literal(0), z.literal(1)]).transform(value => value === 1);

export const count = z.number().int().min(0);

/** The first thing that a schema refuses, with the path to it. */
function refusalText(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'not what was expected';
  const path = issue.path.map(String).join('.');
  return `${path === '' ? '' : `${path.slice(0, 120)}: `}${issue.message.slice(0, 200)}`;
}

/** A value that was read, or one sentence: what, where, and what was expected. */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export const readAs = <T>(schema: z.ZodType<T>, value: unknown): Read<T> => {
  const result = schema.safeParse(value);
  return result.success ? { ok: true, value: result.data } : { ok: false, why: refusalText(result.error) };
};
