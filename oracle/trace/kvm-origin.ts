import type { Origin } from '../../evidence/logs/read-log.ts';

/** Whether two events are of one VM: a trace of a whole host has those of many, and no event names its VM. */
export type Sameness = 'same' | 'other' | 'not known';

/** Who an event is of: its thread and process, and the number of the vCPU that it names. */
export interface Who extends Origin {
  readonly vcpu?: number;
}

/**
 * A process is one VM, and a thread is in one process. Two threads that name the same vCPU are of two VMs, for a vCPU
 * is one thread's. Whoever printed neither may be anybody.
 */
function sameVm(a: Who, b: Who): Sameness {
  if (a.process !== undefined && b.process !== undefined) return a.process === b.process ? 'same' : 'other';
  if (a.thread === undefined || b.thread === undefined) return 'not known';
  if (a.thread === b.thread) return 'same';
  return a.vcpu !== undefined && a.vcpu === b.vcpu ? 'other' : 'not known';
}

const maxHeld = 262_144;
/** What several VMs may have said of one page is kept of the last few. */
const maxVoices = 8;

/** What a log said of guest pages, by whom. The last word of each VM on each page. */
export class SaidOfPages<T> {
  readonly #said = new Map<bigint, readonly { readonly who: Who; readonly what: T }[]>();

  /** Returns whether there was room: otherwise everything that was known has been forgotten. */
  set(page: bigint, who: Who, what: T): boolean {
    const hasRoom = this.#said.size < maxHeld;
    if (!hasRoom) this.#said.clear();
    const others = (this.#said.get(page) ?? []).filter(one => sameVm(one.who, who) !== 'same');
    this.#said.set(page, [{ who, what }, ...others].slice(0, maxVoices));
    return hasRoom;
  }

  clear(): void {
    this.#said.clear();
  }

  /** All that may hold for the VM of `who`: `undefined` among it where it may be that nothing was said. */
  of(page: bigint, who: Who): readonly (T | undefined)[] {
    const possible: T[] = [];
    const said = this.#said.get(page) ?? [];
    for (const one of said) {
      const sameness = sameVm(one.who, who);
      if (sameness === 'other') continue;
      possible.push(one.what);
      if (sameness === 'same') return possible;
    }
    return [...possible, undefined];
  }
}
