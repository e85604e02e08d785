/** What every transition says of itself: where it is written, so that a reader can look it up. */
export interface Cited {
  readonly source: string;
}

/** A citation: a seed by its number and the words it uses. */
export const seed = (number: '000' | '001' | '003' | '004', words: string): { readonly meta: Cited } => ({
  meta: { source: `seed ${number}, "${words}"` },
});

/** A citation of our facts beside the seeds, by section and words. */
export const facts = (section: string, words: string): { readonly meta: Cited } => ({
  meta: { source: `facts/ept-spp.md ${section}, "${words}"` },
});
