import type { AnyEventObject, AnyStateMachine } from 'xstate';

/** What a state is coloured by: whose the page is, or what the walk's outcome is. One palette serves every format. */
export type Tone = 'host' | 'hypervisor' | 'guest' | 'shared' | 'mixed' | 'allowed' | 'exit' | 'fault';

/** A machine with what its pictures and paths need beside it. Its file exports one of these. */
export interface MachineEntry {
  /** The machine's id. */
  readonly name: string;
  /** One sentence: whose life it is and where it is drawn. */
  readonly about: string;
  readonly machine: AnyStateMachine;
  /** Every event once, with payloads for which the guards let it through where they ever do. */
  readonly events: readonly AnyEventObject[];
  /** What the machine is started with, where it asks for something. */
  readonly input?: unknown;
  /** The colour of a state; none for a state that is not in it. */
  readonly tones: Readonly<Record<string, Tone>>;
  /** The lines in the box of a state; its key with spaces for underscores where left out. */
  label?(state: string): string;
}
