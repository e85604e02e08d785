import type { Candidates } from '../step/index.ts';

/** At most so many are held at a time. */
export const maxSnapshots = 16;

/** States kept by name. Each is a copy of its own, so that a long history behind it holds no memory. */
export class Snapshots {
  readonly #held = new Map<string, Candidates>();

  get size(): number {
    return this.#held.size;
  }

  clear(): void {
    this.#held.clear();
  }

  /** Returns whether there was room. */
  keep(name: string, candidates: Candidates): boolean {
    if (!this.#held.has(name) && this.#held.size >= maxSnapshots) return false;
    this.#held.set(name, { ...candidates, shared: candidates.shared.copy() });
    return true;
  }

  named(name: string): Candidates | undefined {
    const held = this.#held.get(name);
    return held && { ...held, shared: held.shared.copy() };
  }
}
