import { PAGE_SIZE, viewOf } from '../../model/pkvm/index.ts';
import type { Table } from './machine.ts';

/** A leaf word, or that nobody knows it. */
export type Word = bigint | 'unknown';

/** Leaves of pages that follow one another, of one kind: where they are present they map pages that follow, too. */
export interface LeafRun {
  readonly table: Table;
  /** Of the first page. */
  readonly address: bigint;
  readonly pages: number;
  /** The first word. */
  readonly word: Word;
}

/** The word so many pages on in a run that begins with `first`. */
export function wordAfter(first: bigint, pages: number): bigint;
export function wordAfter(first: Word, pages: number): Word;
export function wordAfter(first: Word, pages: number): Word {
  if (pages === 0 || first === 'unknown' || !viewOf(first).isPresent) return first;
  return first + BigInt(pages) * PAGE_SIZE;
}
