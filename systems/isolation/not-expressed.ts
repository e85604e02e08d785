/**
 * What went wrong in real hypervisors and neither `isolation` nor `hypercall-smp` has words for, in whole or in part,
 * and why. The rest of facts/pkvm.md 5 is among the mutants here and in `ownership`.
 */
export const notExpressed: readonly { readonly finding: string; readonly why: string }[] = [
  {
    finding: "B19, its cause: unmapping 4 KByte inside a 2-MByte leaf walks the page's data as a table",
    why: "the IOMMU's own table has 4-KByte leaves only here; what the bug leaves behind, a mapping without its pin, is the mutant B19",
  },
  {
    finding: 'B21, the lock of the memcache itself',
    why: 'a memcache belongs to one CPU here and holds one page: nobody else can take from it',
  },
  {
    finding: 'B22, its overflow guard and the check that only warned',
    why: 'ranges are of model size, so that nothing overflows; that only the first page is wiped is the mutant B22',
  },
  {
    finding:
      'B25: walkers that free a table and then walk it, or fail on addresses that are no multiple of a page',
    why: 'tables are never freed here: a split makes one, a call over the whole region forgets it in the same step',
  },
];
