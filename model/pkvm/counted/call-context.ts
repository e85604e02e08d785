import type { Columns } from './columns.ts';
import type { Prot } from './leaf-word.ts';
import type { CountedMachine } from './machine.ts';

/** The arguments of a call; which of them an operation takes is `Operation.takes`. Sizes in bytes. */
export interface CountedArguments {
  /** Host-physical address. */
  readonly pa?: bigint | undefined;
  /** Guest-physical address. */
  readonly gpa?: bigint | undefined;
  readonly size?: bigint | undefined;
  readonly vm?: number | undefined;
  readonly writable?: boolean | undefined;
  /** Whether the memory is zeroed on the way. */
  readonly clear?: boolean | undefined;
  /** Whether a flag that was found set is cleared. */
  readonly mkold?: boolean | undefined;
}

/** A call as its checks and steps see it: every argument given, 0 where the operation takes none. */
export interface Call {
  readonly machine: CountedMachine;
  readonly columns: Columns;
  readonly pa: bigint;
  readonly gpa: bigint;
  readonly size: bigint;
  readonly vm: number;
  readonly writable: boolean;
  readonly clear: boolean;
  readonly mkold: boolean;
}

/** A call with every argument given. */
export const callOf = (machine: CountedMachine, columns: Columns, args: CountedArguments): Call => ({
  machine,
  columns,
  pa: args.pa ?? 0n,
  gpa: args.gpa ?? 0n,
  size: args.size ?? 0n,
  vm: args.vm ?? 0,
  writable: args.writable ?? true,
  clear: args.clear ?? false,
  mkold: args.mkold ?? false,
});

/** A part of a call that is applied in one go: the whole range, one run, or one leaf. */
export interface Unit {
  readonly gpa: bigint;
  readonly hpa: bigint;
  readonly size: bigint;
  /** Of the leaf or run that maps it; 0 in calls that find no leaf. */
  readonly prot: Prot;
}

/** The whole range of a call as one unit. */
export const wholeRange = ({ gpa, pa, size }: Call): Unit => ({ gpa, hpa: pa, size, prot: 0n });
