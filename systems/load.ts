import type { SystemFamily } from './system.ts';

/**
 * How each system is loaded, by its name and in the order of `systems`: for a command that needs one of them, because
 * the modules of all seven take longer to load than a small system takes to check.
 */
const loaders: ReadonlyMap<string, () => Promise<SystemFamily>> = new Map([
  ['ownership', async () => (await import('./ownership/index.ts')).ownership],
  ['isolation', async () => (await import('./isolation/index.ts')).isolation],
  ['hypercall-smp', async () => (await import('./hypercall-smp/index.ts')).hypercallSmp],
  ['spp-walk', async () => (await import('./spp-walk/index.ts')).sppWalkSystem],
  ['nested-state', async () => (await import('./nested-state/index.ts')).nestedState],
  ['vp-assist-page', async () => (await import('./vp-assist-page/index.ts')).vpAssistPage],
  ['spp-kvm', async () => (await import('./spp-kvm/index.ts')).sppKvm],
]);

export const systemNames: readonly string[] = [...loaders.keys()];

/** The system of that name with nothing else; `undefined` where there is none. */
export const loadSystem = async (name: string): Promise<SystemFamily | undefined> => loaders.get(name)?.();
