import { facts, type Source } from '../model/citation.ts';

/** What every sentence has beside its wording: where it comes from, and its short name there. */
export interface Origin {
  readonly id?: string;
  readonly source: Source;
}

/** An invariant of page ownership by its label, I1 to I18. */
export const pkvmInvariant = (id: string): Origin => ({ id, source: facts.pkvm('4', id) });

/** An invariant of the walk (H1 to H12) or of SPP in KVM (K1 to K13), with the words that the sentence states. */
export const sppInvariant = (id: string, words: string): Origin => ({
  id,
  source: facts.eptSpp('4', id, words),
});
