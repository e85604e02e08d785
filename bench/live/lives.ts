import { readKernelSymbols, type PkvmCall, LiveError } from '../../evidence/live/index.ts';
import { GdbClient } from '../../evidence/node/live/gdb-client.ts';
import { Hypervisor, type PkvmEntry } from '../../evidence/node/live/hypervisor.ts';
import { Vttbr } from '../../model/arm64/index.ts';
import type { Machine } from './machine.ts';

/** Where both guests begin, and where their first instruction lies: guest/two-lives.c. */
export const guestStart = 0x8000_0000n;

/** A guest as the run knows it. */
export interface LiveGuest {
  readonly handle: number;
  readonly vttbr: bigint;
  readonly vtcr: bigint;
}

/** The machine stands still at a place of a guest's life that our program names. */
export interface Stop {
  /** `protected-4-shared`. */
  readonly phase: string;
  readonly hypervisor: Hypervisor;
  /** The guest that lives now, once it has run. */
  readonly guest: LiveGuest | undefined;
}

/** What the run does at the stops. */
export interface Visitor {
  /** At the end of each phase, before the next begins; the host runs. */
  atPhase(stop: Stop): Promise<void>;
  /** At the entry of a function that is followed, for each call: the nth of it. */
  atEntry(entry: PkvmEntry, nth: number, stop: Stop): Promise<void>;
  /** Where it has returned; calls in calls return first. */
  atReturn(call: PkvmCall, stop: Stop): Promise<void>;
}

/**
 * Follows a booted machine through the lives of its guests, from the marker READY to END, with every call of the
 * hypervisor's page functions.
 */
export class Lives {
  readonly calls: PkvmCall[] = [];
  /** Functions that the kernel lacks. */
  missing: readonly string[] = [];
  readonly #machine: Machine;
  readonly #visitor: Visitor;
  #phase = '';
  #guest: LiveGuest | undefined;
  #handle = 0;
  readonly #entered = new Map<string, number>();

  constructor(machine: Machine, visitor: Visitor) {
    this.#machine = machine;
    this.#visitor = visitor;
  }

  async follow(): Promise<void> {
    const symbols = readKernelSymbols(this.#machine.text);
    if (symbols === undefined) throw new LiveError('the kernel printed no symbols');
    const gdb = await GdbClient.attach({ kind: 'tcp', host: '127.0.0.1', port: this.#machine.port });
    try {
      const hypervisor = await Hypervisor.find(gdb, symbols);
      this.missing = await hypervisor.follow();
      this.#machine.listen(() => {
        gdb.breakIn();
      });
      while (!(await this.#step(hypervisor)));
      await hypervisor.unfollow();
    } finally {
      await gdb.close();
    }
  }

  /** To the next marker or event; whether the lives are over. */
  async #step(hypervisor: Hypervisor): Promise<boolean> {
    const marker = this.#machine.marker();
    if (marker?.word === 'END') return true;
    if (marker?.word === 'FAIL') throw new LiveError(`the program on the machine failed: ${marker.rest}`);
    if (marker?.word === 'PHASE') {
      await this.#atPhase(hypervisor, marker.rest);
      return false;
    }
    if (marker !== undefined) return false;
    if (this.#machine.hasEnded) throw new LiveError('the machine ended before the lives were over');
    await this.#event(hypervisor);
    return false;
  }

  async #event(hypervisor: Hypervisor): Promise<void> {
    const event = await hypervisor.next(60_000);
    if (event === undefined) return this.#elsewhere(hypervisor);
    if ('entered' in event) {
      const nth = (this.#entered.get(event.entered) ?? 0) + 1;
      this.#entered.set(event.entered, nth);
      return this.#visitor.atEntry(event, nth, this.#stop(hypervisor));
    }
    this.calls.push(event);
    const gives = event.fn === '__pkvm_reserve_vm' || (event.fn === '__pkvm_init_vm' && event.ret > 0);
    if (gives) this.#handle = event.ret;
    await this.#visitor.atReturn(event, this.#stop(hypervisor));
  }

  /** Not a function of the hypervisor: a marker was printed, or a guest makes its first step. */
  async #elsewhere({ gdb }: Hypervisor): Promise<void> {
    if ((await gdb.readRegister('pc')) !== guestStart) return;
    const [vttbr, vtcr] = [await gdb.readRegister('VTTBR_EL2'), await gdb.readRegister('VTCR_EL2')];
    if (Vttbr.get(vttbr, 'vmid') === 0) return;
    this.#guest = { handle: this.#handle, vttbr, vtcr };
    await gdb.breakpoint(guestStart, false);
    await gdb.step();
  }

  async #atPhase(hypervisor: Hypervisor, phase: string): Promise<void> {
    this.#phase = phase;
    if (phase.endsWith('-0-before') || phase.endsWith('-8-closed')) this.#guest = undefined;
    await this.#visitor.atPhase(this.#stop(hypervisor));
    if (phase.endsWith('-2-vcpu')) await hypervisor.gdb.breakpoint(guestStart, true);
    this.#machine.answer('');
  }

  #stop(hypervisor: Hypervisor): Stop {
    return { phase: this.#phase, hypervisor, guest: this.#guest };
  }
}
