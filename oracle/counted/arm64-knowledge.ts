import type { Arm64Machine, Arm64Table } from '../../model/pkvm/counted/arm64/index.ts';

/**
 * Which pages and frames somebody has observed. A recording shows a handful of both; a call may name others, of which
 * the machine holds a guess: pages are the host's alone, frames map nothing. What rests on a guess is unknown.
 */
export class Arm64Knowledge {
  readonly #pages = new Set<bigint>();
  readonly #frames = new Set<string>();
  readonly #guessed = new Set<string>();
  readonly #changed = new Map<bigint, bigint>();

  seenPage(page: bigint): void {
    this.#pages.add(page);
  }
  /** Of a page outside the sequence the states are told and the references are not. */
  seenStates(page: bigint): void {
    this.#pages.delete(page);
  }
  seenFrame(vm: number, ipa: bigint): void {
    this.#frames.add(`${vm} ${ipa}`);
  }

  /** What the last call rested on without anybody having observed it. */
  get guessed(): readonly string[] {
    return [...this.#guessed];
  }
  /** The records that the last call changed, as they were before. */
  get changed(): ReadonlyMap<bigint, bigint> {
    return this.#changed;
  }

  /** Before a call. */
  forgetCall(): void {
    this.#guessed.clear();
    this.#changed.clear();
  }

  /** The machine, with an ear on what is read of it. */
  listening(machine: Arm64Machine): Arm64Machine {
    const table = (vm: number): Arm64Table => {
      const of = machine.guest(vm);
      const hear = (ipa: bigint): void => {
        if (!this.#frames.has(`${vm} ${ipa}`)) this.#guessed.add(`frame 0x${(ipa >> 12n).toString(16)}`);
      };
      return {
        end: of.end,
        leaf: ipa => {
          hear(ipa);
          return of.leaf(ipa);
        },
        leaves: (ipa, size) => {
          hear(ipa);
          return of.leaves(ipa, size);
        },
        put: (...args) => of.put(...args),
        remove: ipa => {
          of.remove(ipa);
        },
        update: (...args) => {
          of.update(...args);
        },
      };
    };
    return {
      ...machine,
      guest: table,
      record: page => {
        if (!this.#pages.has(page)) this.#guessed.add(`page 0x${page.toString(16)}`);
        return machine.record(page);
      },
      setRecord: (page, word) => {
        if (!this.#changed.has(page)) this.#changed.set(page, machine.record(page));
        machine.setRecord(page, word);
      },
    };
  }
}
