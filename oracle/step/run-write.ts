import { type LeafWrite, PAGE_SIZE } from '../../model/pkvm/index.ts';
import { wordAfter } from './word.ts';
import type { RunWrite } from './verdict.ts';

/** The writes of a run, a page each. */
export const singly = ({ table, address, before, after, pages }: RunWrite): readonly LeafWrite[] =>
  Array.from({ length: pages }, (_, i) => ({
    table,
    address: address + BigInt(i) * PAGE_SIZE,
    before: wordAfter(before, i),
    after: wordAfter(after, i),
  }));
