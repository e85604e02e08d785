import { type Action, disabled, type Result, type Value } from '../../checker/index.ts';
import type { SppPageEvent } from '../../machines/spp-page.ts';
import type { SetRequest, State, View } from '../../model/kvm/index.ts';

/** What a call means to the frames of the VM: the protocol's events, frame by frame. */
export type FrameEvents = readonly { readonly gfn: bigint; readonly event: SppPageEvent }[];

/** An action of this system: the call on the words, and what the protocol would call it. */
export interface SppAction extends Action {
  /** The SET that it calls, where it calls a well-formed one. */
  readonly set?: SetRequest;
  /** Given the state before and the result. A refused call is no event. */
  events(before: View, result: Result): FrameEvents;
}

/** An action that runs the model's code. `undefined` from `run` means that there is no such step now. */
export function sppAction(
  name: string,
  actor: string,
  args: Readonly<Record<string, Value>>,
  run: (state: State) => Result | undefined,
  events: SppAction['events'] = () => [],
): SppAction {
  return {
    name,
    actor,
    args,
    run: (read, write) =>
      run({ get: cell => read(cell), set: (cell, value) => write(cell, value) }) ?? disabled,
    events,
  };
}
