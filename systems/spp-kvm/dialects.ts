import { type Dialect, normativeDialect, revision, type RevisionName } from '../../model/kvm/index.ts';
import type { DialectName } from './size.ts';

/** A revision's row as a dialect, with nothing changed. */
export const dialectOf = (name: RevisionName): Dialect => ({ ...revision(name) });

/**
 * The dialects: what is proven, and the two seeds' where they differ from it. Seed 002 is part of the RFC v1 of
 * 2017, seed 001 is v4 of 2019. v7 is lazy already, but marks the leaves that v9 zaps. What differs between them is in `model/kvm/revision.ts`.
 */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  normative: normativeDialect,
  '2017': dialectOf('rfc-v1'),
  '2019': dialectOf('v4'),
  v7: dialectOf('v7'),
};
