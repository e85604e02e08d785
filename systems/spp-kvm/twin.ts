import type { Action, Slot, Step, Twin } from '../../checker/index.ts';
import { arrowOf, type MachineState } from '../../machines/arrow.ts';
import { sppPage, type SppPageEvent } from '../../machines/spp-page.ts';
import { type Kvm, type PageLife, pageLife, type View } from '../../model/kvm/index.ts';
import { viewOf } from '../../properties/kvm-sources.ts';
import type { SppAction } from './action.ts';
import { frameSlots } from './slots.ts';

const arrow = arrowOf(sppPage);
type DrawnLife = MachineState<typeof sppPage>['value'];
const isDrawn = (life: PageLife): life is DrawnLife => life in sppPage.states;

/** Where the protocol takes a frame. An event that no arrow takes leaves it as it is. */
function predict(from: PageLife, events: readonly SppPageEvent[]): PageLife | 'no such state' {
  if (!isDrawn(from)) return 'no such state';
  let value: DrawnLife = from;
  for (const event of events) {
    const taken = arrow({ value, context: {} }, event);
    if ('to' in taken) value = taken.to.value;
  }
  return value;
}

/** The frames that a step may move: those it is about, and those of which it changed a word. */
function framesToCompare(
  kvm: Kvm,
  slotsOfFrame: ReadonlyMap<bigint, ReadonlySet<Slot>>,
  changed: readonly Slot[],
  about: readonly bigint[],
): readonly bigint[] {
  return kvm.vm.shape.gfns.filter(
    gfn => about.includes(gfn) || changed.some(slot => slotsOfFrame.get(gfn)?.has(slot) === true),
  );
}

/** What one step did to one frame: for whoever wants to know which arrows of the protocol were taken. */
export interface FrameMove {
  readonly from: PageLife;
  readonly events: readonly SppPageEvent['type'][];
  readonly to: PageLife;
}

/** Holds every distinct step of the words against the life of a protected page. */
export function sppKvmTwin(
  kvm: Kvm,
  actions: readonly SppAction[],
  observe: (move: FrameMove) => void = () => undefined,
): Twin {
  const byAction = new Map<Action, SppAction>(actions.map(action => [action, action]));
  const slotsOfFrame = frameSlots(kvm);
  const compare = (
    gfn: bigint,
    before: View,
    after: View,
    events: readonly SppPageEvent[],
  ): string | undefined => {
    const from = pageLife(kvm, before, gfn);
    const predicted = predict(from, events);
    const reached = pageLife(kvm, after, gfn);
    observe({ from, events: events.map(({ type }) => type), to: reached });
    if (predicted === reached) return undefined;
    const frame = `gfn 0x${gfn.toString(16)}`;
    const why = events.map(({ type }) => type).join(', ') || 'nothing that concerns it';
    return `${frame}: from ${from}, on ${why}, the protocol goes to ${predicted}, the words to ${reached}`;
  };
  return {
    name: 'spp-page',
    disagrees: ({ action, result, before, after, changed }: Step) => {
      const made = byAction.get(action);
      if (made === undefined) throw new Error(`${action.name} is no action of this system`);
      const [was, is] = [viewOf(before), viewOf(after)];
      const isRefused = typeof result === 'number' && result < 0;
      const events = isRefused ? [] : made.events(was, result);
      const about = events.map(({ gfn }) => gfn);
      for (const gfn of framesToCompare(kvm, slotsOfFrame, changed, about)) {
        const own = events.filter(e => e.gfn === gfn).map(({ event }) => event);
        const wrong = compare(gfn, was, is, own);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}
