import type { SystemFamily } from './system.ts';

/**
 * Every system there is, in the order in which `check` runs them, and how each is loaded: by itself, because the
 * modules of all of them take longer to load than a small system takes to check.
 */
const loaders: ReadonlyMap<string, () => Promise<SystemFamily>> = new Map<
  string,
  () => Promise<SystemFamily>
>([
  ['ownership', async () => (await import('./ownership/index.ts')).ownership],
  ['counted-sharing', async () => (await import('./counted-sharing/index.ts')).countedSharing],
  ['isolation', async () => (await import('./isolation/index.ts')).isolation],
  ['hypercall-smp', async () => (await import('./hypercall-smp/index.ts')).hypercallSmp],
  ['guarded-page', async () => (await import('./guarded-page/index.ts')).guardedPage],
  ['spp-walk', async () => (await import('./spp-walk/index.ts')).sppWalkSystem],
  ['nested-state', async () => (await import('./nested-state/index.ts')).nestedState],
  ['vp-assist-page', async () => (await import('./vp-assist-page/index.ts')).vpAssistPage],
  ['spp-kvm', async () => (await import('./spp-kvm/index.ts')).sppKvm],
]);

export const systemNames: readonly string[] = [...loaders.keys()];

/** The system of that name with nothing else; `undefined` where there is none. */
export const loadSystem = async (name: string): Promise<SystemFamily | undefined> => loaders.get(name)?.();

/** All of them, in their order. */
export const loadSystems = (): Promise<SystemFamily[]> =>
  Promise.all([...loaders.values()].map(load => load()));
