import { loadSystems, type SystemFamily } from '../systems/index.ts';

declare global {
  /** A person's own system, where `pagewarden explore ./my-system.ts` put one before the page's script. */
  var pagewardenOwnSystem: SystemFamily | undefined;
}

let shown: readonly SystemFamily[] = [];

/** Loads every system that the page shows. Page and worker do so before anything else. */
export async function loadShownSystems(): Promise<void> {
  const own = globalThis.pagewardenOwnSystem;
  shown = [...(own === undefined ? [] : [own]), ...(await loadSystems())];
}

/** The systems that the page shows, in their order; none before they are loaded. */
export const shownSystems = (): readonly SystemFamily[] => shown;
