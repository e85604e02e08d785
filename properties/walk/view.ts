import type { Read, Slot } from '../../checker/index.ts';
import type { Access, Cpu, Outcome, WalkRules } from '../../model/ept/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';

/** What the properties of a walk see of a system: a processor and a memory, read through slots. */
export interface ViewedWalk {
  readonly rules: WalkRules;
  readonly accesses: readonly { readonly name: string; readonly access: Access }[];
  /** The endings that some state must lead some access to. */
  readonly endings: readonly Outcome['kind'][];
  /** Words of the EPT, and of the SPPT, that the walk of these accesses can read. */
  readonly eptWords: readonly bigint[];
  readonly spptWords: readonly bigint[];
  /** The slot of a word of memory. */
  slotAt(address: bigint): Slot<bigint> | undefined;
  /** The page-modification log index, where logging is on. */
  readonly pmlIndex: Slot<bigint> | undefined;
  memory(read: Read): PhysicalMemory;
  cpu(read: Read): Cpu;
}
