import type { Who } from './kvm-origin.ts';

interface Exit {
  readonly reason: string;
  readonly qualification: bigint;
  readonly vcpu: number | undefined;
}

/** At most so many vCPUs are followed. */
const maxVcpus = 65_536;

/**
 * The last exit of each vCPU that no page fault has taken up yet. A vCPU's exit and what KVM does about it happen in one
 * thread; where the tracer does not print that, the number of the vCPU tells them apart, where the event has it.
 */
export class LastExits {
  readonly #exits = new Map<string, Exit>();

  exit(who: Who, reason: string, qualification: bigint): void {
    const key = keyOf(who);
    if (key === undefined) return;
    if (this.#exits.size >= maxVcpus) this.#exits.clear();
    this.#exits.set(key, { reason, qualification, vcpu: who.vcpu });
  }

  /** The guest runs again. */
  entry(who: Who): void {
    const key = keyOf(who);
    if (key !== undefined) this.#exits.delete(key);
  }

  clear(): void {
    this.#exits.clear();
  }

  /** The exit that this event of the same vCPU belongs to. */
  take(who: Who): Exit | undefined {
    const key = keyOf(who);
    if (key === undefined) return undefined;
    const exit = this.#exits.get(key);
    this.#exits.delete(key);
    const isOther = exit?.vcpu !== undefined && who.vcpu !== undefined && exit.vcpu !== who.vcpu;
    return isOther ? undefined : exit;
  }
}

const keyOf = ({ thread, vcpu }: Who): string | undefined =>
  thread !== undefined ? `thread ${thread}` : vcpu !== undefined ? `vcpu ${vcpu}` : undefined;
