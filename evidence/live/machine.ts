/**
 * A machine that runs, and can be asked. It stands still between `stop` and `resume`; whoever stops it lets it go again,
 * on errors too.
 */
export interface LiveMachine {
  /** How a person names it: `gdb 127.0.0.1:1234`, `qmp /run/vm.sock`. */
  readonly name: string;
  /** Stops it; a machine that stands still already stays so after `resume`. */
  stop(): Promise<void>;
  resume(): Promise<void>;
  /** The bytes of physical memory, or `undefined` where there is no memory. */
  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined>;
  /** Lets the machine go and closes the connection. Never throws. */
  close(): Promise<void>;
}

/** One line that says what is wrong with a machine, its stub or the connection, and where. */
export class LiveError extends Error {}

/** The machine has ended, as machines do: whoever followed it has seen all. */
export class MachineEnded extends LiveError {}
