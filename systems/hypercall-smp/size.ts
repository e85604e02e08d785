import type { Parameter, Parameters } from '../system.ts';

/** How large the system is: pages and guests as in `ownership`, CPUs that make calls, and what is watched beside. */
export interface SmpSize {
  readonly cpus: number;
  readonly pages: number;
  readonly gpas: number;
  readonly protected: number;
  readonly normal: number;
  /** Whether translations are cached, by some CPU, so that flushing matters. */
  readonly hasTranslations: boolean;
  /** Whether guests write secrets, so that wiping matters. */
  readonly hasContents: boolean;
  /** Whether the hypervisor takes pages from a list in the host's memory, and gives them back. */
  readonly hasMemcache: boolean;
}

export const parameters: readonly Parameter[] = [
  { name: 'cpus', about: 'CPUs that make calls', min: 1, max: 3 },
  { name: 'pages', about: 'RAM pages', min: 1, max: 3 },
  { name: 'gpas', about: 'guest pages of each guest', min: 1, max: 2 },
  { name: 'protected', about: 'protected VMs', min: 0, max: 2 },
  { name: 'normal', about: 'normal VMs', min: 0, max: 2 },
  { name: 'translations', about: '1: translations are cached and must be flushed', min: 0, max: 1 },
  { name: 'contents', about: '1: guests write secrets, and pages must be wiped', min: 0, max: 1 },
  {
    name: 'memcache',
    about: "1: the hypervisor takes pages from a list in the host's memory, for its own use",
    min: 0,
    max: 1,
  },
];

/** Names that are not given. */
export const defaultSize: Parameters = {
  cpus: 2,
  pages: 1,
  gpas: 1,
  protected: 1,
  normal: 0,
  translations: 0,
  contents: 0,
  memcache: 0,
};

/** @throws RangeError for a combination that makes no sense. */
export function sizeOf(given: Parameters): SmpSize {
  const all = { ...defaultSize, ...given };
  const size: SmpSize = {
    cpus: Number(all.cpus),
    pages: Number(all.pages),
    gpas: Number(all.gpas),
    protected: Number(all.protected),
    normal: Number(all.normal),
    hasTranslations: all.translations === 1,
    hasContents: all.contents === 1,
    hasMemcache: all.memcache === 1,
  };
  if (size.hasContents && size.protected === 0)
    throw new RangeError('contents=1 and protected=0: only a protected guest has secrets');
  return size;
}
