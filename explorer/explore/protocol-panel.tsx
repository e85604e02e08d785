import { useEffect, useState } from 'preact/hooks';
import type { Value } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import { viewsOf } from '../../graphs/views.ts';
import { askWorker } from '../ask-worker.ts';
import type { Answer } from '../check-messages.ts';
import { findPath } from '../find-path.ts';
import type { Session } from '../session.ts';
import { GraphView } from './graph-view.tsx';

interface ProtocolPanelProps {
  readonly session: Session;
  readonly state: readonly Value[];
  readonly onWalk: (path: readonly number[]) => void;
}

type Quotient = Extract<Answer, { answer: 'quotient' }>;

/** All states seen as one page's protocol state, or as an ownership pattern: the seed's picture, out of the bits. */
export function ProtocolPanel({ session, state, onWalk }: ProtocolPanelProps) {
  const { asked, system } = session;
  const views = viewsOf(system);
  const [chosen, choose] = useState('');
  const view = views.find(({ name }) => name === chosen) ?? views[0];
  const [quotient, setQuotient] = useState<Quotient | string>('');
  useEffect(() => {
    if (view === undefined) return undefined;
    setQuotient('');
    return askWorker({ ask: 'quotient', ...asked, view: view.name }, answer => {
      if (answer.answer === 'quotient') setQuotient(answer);
      if (answer.answer === 'fault') setQuotient(answer.message);
    });
  }, [system, view?.name]);
  if (view === undefined) return <p class="hint">This system has no picture of its own.</p>;
  return (
    <section aria-label="protocol">
      <p class="tools">
        <label class="choice">
          <span>all states, seen as</span>
          <select value={view.name} onChange={event => choose(event.currentTarget.value)}>
            {views.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span class="hint">
          {view.about} Click a box to go there.
          {typeof quotient === 'object' && !quotient.complete
            ? ` Made from the ${quotient.states.toLocaleString('en')} states nearest to the beginning.`
            : ''}
        </span>
      </p>
      {typeof quotient === 'string' ? (
        <p class="graph hint">{quotient === '' ? 'Looking at every state …' : quotient}</p>
      ) : (
        <GraphView
          graph={quotient.graph}
          here={view.box(readerOf(system.slots, state)).id}
          onPick={id => {
            const path = findPath(system, state, read => view.box(read).id === id);
            if (path !== undefined) onWalk(path);
          }}
        />
      )}
    </section>
  );
}
