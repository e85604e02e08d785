import type { CountedResult, Flush, Wipe } from '../../../model/pkvm/counted/index.ts';
import type { CallArguments, Memory } from './model.ts';
import type { PlaceSeen } from './place.ts';

/** What was seen of a call. What is left out was not observed, and is not compared. */
export interface SeenOfCall {
  readonly result?: CountedResult;
  readonly needMemcache?: number;
  /** The function that panicked. */
  readonly bugIn?: string;
  readonly warnings?: number;
  readonly flushes?: readonly Flush[];
  readonly wipes?: readonly Wipe[];
  /** Records and leaves as they were after the call. */
  readonly places?: readonly PlaceSeen[];
}

/** A call with what was seen of it. */
export interface CountedCall {
  readonly name: string;
  readonly args: CallArguments;
  /** Pages for tables that the VM had before the call, where somebody said. */
  readonly memory?: Partial<Memory>;
  readonly seen: SeenOfCall;
}
