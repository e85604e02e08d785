import { count, oneOf, type SizeOf } from '../size.ts';

/** Who may set the vectors of a protected guest. Those of a normal one are the host's to set. */
const holders = ['nobody', 'guest', 'hypervisor'] as const;
export type Holder = (typeof holders)[number];

export const size = {
  pages: count(1, 4, 'RAM pages', 2),
  gpas: count(1, 3, 'guest pages of each guest, all in one 2-MByte region'),
  protected: count(0, 2, 'protected guests', 1),
  normal: count(0, 2, 'normal guests', 0),
  cpus: count(1, 3, 'CPUs, each with caches of its own'),
  holder: oneOf(
    holders,
    "who sets the vectors of a protected guest; a normal guest's are the host's to set",
  ),
  vectors: count(2, 3, 'kinds of vectors: full, all but the last sub-page, none', 3),
  prots: count(1, 2, 'kinds of rights that a page is given with: rwx, r-x', 2),
  sppt: oneOf(
    ['reserved', 'donated'],
    "the page of a guest's vectors: the hypervisor's from the start, or given by the host and given back",
  ),
};
export type GuardedPageSize = SizeOf<typeof size>;

export const refuse = ({ protected: p, normal }: GuardedPageSize): string | undefined =>
  p + normal === 0 ? 'no guest is left' : undefined;

/** What it has in any number: kinds of guests only where the profile has them. */
export const sorts = ({ protected: guarded, normal }: GuardedPageSize) => [
  { name: 'pages' as const },
  { name: 'gpas' as const },
  ...(guarded > 0 ? [{ name: 'protected' as const }] : []),
  ...(normal > 0 ? [{ name: 'normal' as const }] : []),
  { name: 'cpus' as const },
];
