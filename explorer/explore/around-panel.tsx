import { useMemo, useState } from 'preact/hooks';
import { keyOf, type System, type Value } from '../../checker/index.ts';
import { fromStates, shownValue, type View } from '../../graphs/from-states.ts';
import { neighbourhood } from '../../graphs/neighbourhood.ts';
import { findPath } from '../find-path.ts';
import { AroundList } from './around-list.tsx';
import { GraphView } from './graph-view.tsx';

interface AroundPanelProps {
  readonly system: System;
  readonly state: readonly Value[];
  readonly onWalk: (path: readonly number[]) => void;
}

/** More states than this are not looked for. */
const mostStates = 60;
/** More boxes than this are no longer read at a glance: then the same is a list. */
const mostBoxes = 10;

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

const forms = ['picture', 'list'] as const;
type Form = (typeof forms)[number];

/** The states around the current one, as a picture or as a list; click one to go there. */
export function AroundPanel({ system, state, onWalk }: AroundPanelProps) {
  const [steps, setSteps] = useState(1);
  const [only, setOnly] = useState('');
  const [chosen, choose] = useState<Form | undefined>();
  const key = keyOf(state);
  const { graph, count } = useMemo(() => {
    const actions = system.actions.filter(({ name }) => only === '' || name === only);
    const near = neighbourhood({ ...system, actions }, state, { steps, limit: mostStates });
    return {
      graph: fromStates(system, near, viewFrom(system, state), { args: steps === 1 }),
      count: near.states.length,
    };
  }, [system, key, steps, only]);
  const form = chosen ?? (count > mostBoxes ? 'list' : 'picture');
  const goTo = (id: string): void => {
    const path = findPath(system, state, (_read, values) => keyOf(values) === id);
    if (path !== undefined) onWalk(path);
  };
  const names = [...new Set(system.actions.map(({ name }) => name))];
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
        <label class="choice">
          <span>only</span>
          <select
            aria-label="only this call"
            value={only}
            onChange={event => setOnly(event.currentTarget.value)}
          >
            <option value="">any call</option>
            {names.map(name => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span role="group" aria-label="as">
          {forms.map(each => (
            <button
              key={each}
              type="button"
              class="toggle"
              aria-pressed={form === each}
              onClick={() => choose(each)}
            >
              {each === 'picture' ? 'Picture' : 'List'}
            </button>
          ))}
        </span>
        <span class="hint">
          {count - 1} {count === 2 ? 'state' : 'states'}
          {count >= mostStates ? ', the nearest' : ''}; each says what differs from here. Click one to go
          there.
        </span>
      </p>
      {form === 'list' ? (
        <AroundList graph={graph} onPick={goTo} />
      ) : (
        <GraphView graph={graph} here={key} sideways onPick={goTo} />
      )}
    </section>
  );
}
