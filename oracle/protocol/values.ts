import { z } from 'zod';
import { Errno, PageState, type Prot } from '../../model/pkvm/index.ts';

/** A 64-bit number: always a `"0x…"` string, because a JSON number loses digits above 2^53. */
export const u64 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,16}$/, 'a "0x…" string of at most 64 bits')
  .transform(BigInt)
  .meta({ description: '64-bit number as a "0x…" string' });

/** The address of an aligned 64-bit word in physical memory. */
export const wordAddress = u64.refine(
  value => value % 8n === 0n,
  'the address of a word is a multiple of 8',
);

const small = z.number().int().min(0).max(0xffff_ffff);

/** An owner id. Whether it can be a guest's is for the specification to say, not for the schema. */
export const ownerId = z
  .union([
    small,
    z
      .string()
      .regex(/^(?:0x[0-9a-fA-F]{1,8}|\d{1,9})$/)
      .transform(Number),
  ])
  .meta({ description: 'owner id of a VM, as a number' });

const errnoNames: Readonly<Record<string, number>> = {
  ...Errno,
  ENOENT: -2,
  EAGAIN: -11,
  EBUSY: -16,
  ENOSPC: -28,
};

/** What a call returned: a number, or the name of an errno with its minus sign. */
export const returnValue = z
  .union([
    z
      .number()
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31),
    z
      .string()
      .regex(/^-[A-Z0-9]{2,16}$/, 'a number, or the name of an errno: "-EPERM"')
      .refine(
        name => errnoNames[name.slice(1)] !== undefined,
        `one of -${Object.keys(errnoNames).join(', -')}`,
      )
      .transform(name => errnoNames[name.slice(1)] ?? 0),
  ])
  .meta({ description: 'result of a call: 0, a negative errno, or its name' });

/** The number of an event. */
export const seq = z
  .number()
  .int()
  .min(0)
  .optional()
  .describe('counts the events, from 1 after hello: a step of more than one is a gap');

/** Which of read, write and execute a caller grants: `rwx`, `r-x`, `rw`. */
export const prot = z
  .string()
  .regex(/^(?=.)r?-?w?-?x?-?$/, 'a grant such as "rwx" or "r-x"')
  .transform((text): Prot => ({
    read: text.includes('r'),
    write: text.includes('w'),
    execute: text.includes('x'),
  }));

/** `host`, or the owner id of the guest whose table is meant. */
export const table = z
  .union([z.literal('host'), ownerId])
  .meta({ description: 'the host EPT, or the table of the guest with this id' });

/** `"host"`, an id, or `{"vm": id}`. */
export const party = z.union([table, z.strictObject({ vm: ownerId }).transform(({ vm }) => vm)]);

const stateNames = {
  NOPAGE: PageState.PKVM_NOPAGE,
  OWNED: PageState.PKVM_PAGE_OWNED,
  SHARED_OWNED: PageState.PKVM_PAGE_SHARED_OWNED,
  SHARED_BORROWED: PageState.PKVM_PAGE_SHARED_BORROWED,
} as const;

/** A page state by the seed's name. */
export const pageState = z
  .enum(['NOPAGE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'])
  .transform(name => stateNames[name]);
