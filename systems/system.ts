import type { Sized, System } from '../checker/index.ts';
import type { Fault } from '../model/fault.ts';

/** A number that a profile chooses, with its range: what `--set name=value` accepts. */
export interface Parameter {
  readonly name: string;
  readonly about: string;
  readonly min: number;
  readonly max: number;
  /** What it is where it is not given. */
  readonly initial?: number | string;
  /** A word accepted beside the numbers: `own` for `gpas`. */
  readonly words?: readonly string[];
}

export type Parameters = Readonly<Record<string, number | string>>;

/** A size and a choice of options with a name: `ownership/2p2g2k`. */
export interface Profile {
  readonly name: string;
  readonly about: string;
  readonly parameters: Parameters;
  /** Run by `npm start`. The others are for the long explorations or for `--profile`. */
  readonly isDefault: boolean;
  /** The number of states and why it is that number, where it is pinned. */
  readonly pinned?: { readonly states: number; readonly because: string };
}

/** A fault as the checker tries it: what a table of mutants shows of it. Ours are `Fault`s with a profile. */
export interface Mutant {
  readonly name: string;
  /** What the code does wrong, in one sentence. */
  readonly about: string;
  /** Where it was seen, or which check or write it leaves out. Ours come from `model/citation.ts`. */
  readonly source: string;
  /** The smallest profile that shows it, where the system's default mutant profile does not. */
  readonly profile?: string;
}

/** One of our faults as the checker tries it. */
export interface TriedFault<R> extends Fault<R> {
  readonly profile?: string;
}

/** What gets checked: one folder of `systems/` gives one of these. */
export interface SystemFamily {
  readonly name: string;
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly profiles: readonly Profile[];
  /** The profile in which mutants are tried unless they name another. */
  readonly mutantProfile: string;
  /** The profile whose options are proven for every size unless another is named. */
  readonly proofProfile: string;
  readonly mutants: readonly Mutant[];
  /**
   * The system of this size, unmutated or with one named fault.
   *
   * @throws RangeError naming the parameter that makes no sense.
   */
  build(parameters: Parameters, mutant?: string): System;
  /**
   * The same in every number of members, for a proof; where the system says what it is made of. What the parameters
   * choose beside the numbers of members stays as they choose it. `undefined` where that is of one size only.
   */
  sized?(parameters: Parameters, mutant?: string): Sized | undefined;
  /** Why there is no number of anything to prove it for, where there is none: one sentence. */
  readonly finite?: string;
}
