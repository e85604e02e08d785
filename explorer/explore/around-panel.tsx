import { useMemo, useState } from 'preact/hooks';
import { keyOf, type System, type Value } from '../../checker/index.ts';
import { fromStates, shownValue, type View } from '../../graphs/from-states.ts';
import { neighbourhood } from '../../graphs/neighbourhood.ts';
import { findPath } from '../find-path.ts';
import { GraphView } from './graph-view.tsx';

interface AroundPanelProps {
  readonly system: System;
  readonly state: readonly Value[];
  readonly onWalk: (path: readonly number[]) => void;
}

/** More boxes than this are no longer read at a glance. */
const mostBoxes = 40;

/** A state by what tells it from the one where the reader stands. */
function viewFrom(system: System, centre: readonly Value[]): View {
  return {
    name: 'around here',
    about: 'what legal calls reach from here',
    box: read => {
      const values = system.slots.map(slot => read(slot));
      const different = system.slots.flatMap((slot, at) => {
        const value = values[at];
        return value === undefined || value === centre[at]
          ? []
          : [`${slot.name}: ${shownValue(slot, value)}`];
      });
      return { id: keyOf(values), label: different.length === 0 ? 'here' : different.join('\n') };
    },
  };
}

/** The states around the current one; click one to go there. */
export function AroundPanel({ system, state, onWalk }: AroundPanelProps) {
  const [steps, setSteps] = useState(1);
  const key = keyOf(state);
  const found = useMemo(() => {
    const near = neighbourhood(system, state, { steps, limit: mostBoxes });
    return {
      graph: fromStates(system, near, viewFrom(system, state), { args: steps === 1 }),
      cut: near.states.length,
    };
  }, [system, key, steps]);
  return (
    <section aria-label="states around here">
      <p class="tools">
        <label class="choice">
          <span>calls from here</span>
          <select value={String(steps)} onChange={event => setSteps(Number(event.currentTarget.value))}>
            <option value="1">1</option>
            <option value="2">2</option>
            <option value="3">3</option>
          </select>
        </label>
        <span class="hint">
          Each box says what differs from here; click one to go there.
          {found.cut >= mostBoxes ? ` Only the nearest ${mostBoxes} are drawn.` : ''}
        </span>
      </p>
      <GraphView
        graph={found.graph}
        here={key}
        sideways
        onPick={id => {
          const path = findPath(system, state, (_read, values) => keyOf(values) === id);
          if (path !== undefined) onWalk(path);
        }}
      />
    </section>
  );
}
