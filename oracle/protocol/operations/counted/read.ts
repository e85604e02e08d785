import { z } from 'zod';
import { addressHex, wordHex } from '../../../../model/bits/index.ts';
import type { Place } from '../../../counted/index.ts';
import { pageAddress } from '../../counted/values.ts';
import { countedOperation, envelope, Refusal } from '../../operation.ts';
import { party } from '../../values.ts';

/** What stands at a place, where it is known. */
export const countedRead = countedOperation({
  schema: z.strictObject({
    ...envelope('read'),
    table: z.union([z.literal('record'), z.literal('el2'), party]),
    address: pageAddress,
  }),
  help: '{"table": "record" | "host" | id, "address"}: the record of a page, or a leaf word',
  answer: ({ table, address }, { conversation, hash }) => {
    const { model } = conversation;
    if (typeof table === 'number' && !model.hasVm(table))
      return new Refusal({ code: 'state', message: `read: hello declared no VM ${table}` });
    const place: Place =
      table === 'record' || table === 'el2' ? { kind: table, address } : { kind: 'leaf', table, address };
    const held = conversation.read(place);
    const at = { table, address: addressHex(address) };
    return held === undefined
      ? { ...at, word: null, unknown: true, dialect: hash }
      : {
          ...at,
          word: wordHex(held.word),
          ...(held.level === undefined ? {} : { level: held.level }),
          says: model.show(place, held),
          dialect: hash,
        };
  },
});
