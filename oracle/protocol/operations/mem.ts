import { z } from 'zod';
import { limitError } from '../errors.ts';
import { limits } from '../limits.ts';
import { envelope, operation, Refusal } from '../operation.ts';
import { u64, wordAddress } from '../values.ts';

const aligned = z.string().regex(/^0x[0-9a-fA-F]{1,15}[08]$|^0x[08]$/, 'the address of an aligned word');

/** Words of physical memory, for walks. */
export const mem = operation({
  schema: z.strictObject({
    ...envelope('mem'),
    words: z.union([z.array(z.tuple([wordAddress, u64])), z.record(aligned, u64)]),
  }),
  help: '{"words"}: words of physical memory, for walks',
  answer: ({ words }, { memory }) => {
    const entries = Array.isArray(words)
      ? words
      : Object.entries(words).map(([address, word]) => [BigInt(address), word] as const);
    if (memory.size + entries.length > limits.memoryWords)
      return new Refusal(limitError('memoryWords', 'no more words of memory are held'));
    for (const [address, word] of entries) memory.set(address, word);
    return { words: memory.size };
  },
});
