import { count, flag, type SizeOf } from '../size.ts';

/** What a size chooses: pages and guests as in `ownership`, CPUs that make calls, and what is watched beside. */
export const parameters = {
  cpus: count(1, 3, 'CPUs that make calls', 2),
  pages: count(1, 3, 'RAM pages'),
  gpas: count(1, 2, 'guest pages of each guest'),
  protected: count(0, 2, 'protected VMs', 1),
  normal: count(0, 2, 'normal VMs'),
  /** By some CPU, so that flushing matters. */
  translations: flag('1: translations are cached and must be flushed'),
  contents: flag('1: guests write secrets, and pages must be wiped'),
  memcache: flag("1: the hypervisor takes pages from a list in the host's memory, for its own use"),
};

export type SmpSize = SizeOf<typeof parameters>;

/** Why there is no system of that size. */
export const refuse = ({ contents, protected: guests }: SmpSize): string | undefined =>
  contents && guests === 0 ? 'contents=1 and protected=0: only a protected guest has secrets' : undefined;

/** What it has in any number. */
export const sorts = ({ normal, protected: guarded }: SmpSize) => [
  { name: 'pages' as const },
  { name: 'gpas' as const },
  ...(guarded > 0 ? [{ name: 'protected' as const }] : []),
  ...(normal > 0 ? [{ name: 'normal' as const }] : []),
  { name: 'cpus' as const },
];
