import { loadSystems, type SystemFamily } from '../systems/index.ts';

let shown: readonly SystemFamily[] = [];

/** Loads every system that the page shows. Page and worker do so before anything else. */
export async function loadShownSystems(): Promise<void> {
  shown = await loadSystems();
}

/** The systems that the page shows, in their order; none before they are loaded. */
export const shownSystems = (): readonly SystemFamily[] => shown;
