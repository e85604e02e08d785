import { type KvmRevision, normativeRevision, revision, type RevisionName } from '../../model/kvm/index.ts';
import type { DialectName } from './size.ts';

/** A revision's row, with nothing changed. */
const columnsOf = (name: RevisionName): KvmRevision => ({ ...revision(name) });

/**
 * The revisions that can be explored: what is proven, and the two seeds' where they differ from it. Seed 002 is part of the RFC v1 of
 * 2017, seed 001 is v4 of 2019. v7 is lazy already, but marks the leaves that v9 zaps. What differs between them is in `model/kvm/revision.ts`.
 */
export const revisions: Readonly<Record<DialectName, KvmRevision>> = {
  normative: normativeRevision,
  '2017': columnsOf('rfc-v1'),
  '2019': columnsOf('v4'),
  v7: columnsOf('v7'),
};
