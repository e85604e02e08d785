import { loadSystems } from './registry.ts';

/** Every system there is, loaded: for a page or a test that shows them all. A command loads the one that it needs. */
export const systems = await loadSystems();
