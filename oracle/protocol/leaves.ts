import { z } from 'zod';
import { type LeafObservation, pageAt } from '../step/index.ts';
import type { Positions } from '../conversation/index.ts';
import { ownerId, pageState, table, u64 } from './values.ts';

const one = z.strictObject({
  table,
  address: u64,
  word: u64.optional(),
  state: pageState.optional(),
  present: z.boolean().optional(),
  owner: ownerId.optional(),
});

const tableName = z.string().regex(/^(?:host|\d{1,9})$/, '"host" or the id of a guest');

/** Leaves that were seen. What is left out was not observed. */
export const leavesSchema = z
  .union([
    z.array(one),
    z.record(
      tableName,
      z.union([z.array(u64.nullable()), z.record(z.string().regex(/^0x[0-9a-fA-F]{1,16}$/), u64)]),
    ),
  ])
  .meta({
    id: 'leaves',
    description:
      'leaves as a list of {table, address, word | state, present, owner}; or by table, as words by address, or as words in the order of the pages and gpas of hello (null: not observed)',
  });

/** The leaves as the library takes them, or why the positions mean nothing. */
export function leavesFrom(
  input: z.infer<typeof leavesSchema>,
  positions: Positions,
): readonly LeafObservation[] | string {
  const leaves = placed(input, positions);
  const strange =
    typeof leaves === 'string' ? undefined : leaves.find(({ address }) => address !== pageAt(address));
  return strange === undefined
    ? leaves
    : `a leaf is of a page: 0x${strange.address.toString(16)} is no multiple of 4 KByte`;
}

function placed(
  input: z.infer<typeof leavesSchema>,
  { pages, gpas }: Positions,
): readonly LeafObservation[] | string {
  if (Array.isArray(input)) {
    return input.map(({ table: where, address, word, state, present, owner }) => ({
      table: where,
      address,
      ...(word === undefined ? {} : { word }),
      ...(state === undefined ? {} : { state }),
      ...(present === undefined ? {} : { isPresent: present }),
      ...(owner === undefined ? {} : { ownerId: owner }),
    }));
  }
  const seen: LeafObservation[] = [];
  for (const [name, words] of Object.entries(input)) {
    const where = name === 'host' ? ('host' as const) : Number(name);
    if (!Array.isArray(words)) {
      for (const [address, word] of Object.entries(words))
        seen.push({ table: where, address: BigInt(address), word });
      continue;
    }
    const addresses = where === 'host' ? pages : gpas;
    if (words.length > addresses.length)
      return `${words.length} leaves of ${name}, but hello gave ${addresses.length} ${where === 'host' ? 'pages' : 'gpas'}`;
    for (const [at, word] of words.entries()) {
      const address = addresses[at];
      if (word !== null && address !== undefined) seen.push({ table: where, address, word });
    }
  }
  return seen;
}
