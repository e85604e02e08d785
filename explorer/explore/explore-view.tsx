import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { initialState } from '../../checker/index.ts';
import { viewsOf } from '../../graphs/views.ts';
import type { ExploreAddress, Panel } from '../address.ts';
import { nextCalls, type Session, takePath } from '../session.ts';
import type { Go } from '../use-address.ts';
import { AroundPanel } from './around-panel.tsx';
import { AttackBar } from './attack-bar.tsx';
import { CallList } from './call-list.tsx';
import { CopyAs } from './copy-as.tsx';
import { keyHelp, moveAmongCalls, useKeys } from './keys.ts';
import { LastCall } from './last-call.tsx';
import { PathList } from './path-list.tsx';
import { PropertiesPanel } from './properties-panel.tsx';
import { ProtocolPanel } from './protocol-panel.tsx';
import { SessionBar } from './session-bar.tsx';
import { StatePanel } from './state-panel.tsx';
import { useCheck } from './use-check.ts';

interface ExploreViewProps {
  readonly address: ExploreAddress;
  readonly session: Session;
  readonly go: Go;
}

const panelNames: readonly (readonly [Panel, string])[] = [
  ['protocol', 'Protocol'],
  ['around', 'Around here'],
  ['properties', 'Properties'],
];

/** Guests are numbered from 2 on, the protected ones first. */
const guestKind =
  ({ profile }: Session) =>
  (vm: number): string =>
    vm - 2 < Number(profile.parameters['protected'] ?? 0) ? 'protected' : 'normal';

function Keys() {
  return (
    <dl class="keys">
      {keyHelp.map(([keys, what]) => (
        <div key={keys}>
          <dt>
            {keys.split('  ').map(key => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The state space, one call at a time: the path on the left, the state in the middle, the calls on the right. */
export function ExploreView({ address, session, go }: ExploreViewProps) {
  const { system } = session;
  const steps = useMemo(() => takePath(system, address.path), [system, address.path.join('.')]);
  const at = Math.min(address.at, steps.length);
  const last = steps[at - 1];
  const state = last?.state ?? initialState(system);
  const before = at === 0 ? undefined : (steps[at - 2]?.state ?? initialState(system));
  const calls = useMemo(() => nextCalls(system, state), [system, state]);
  const cutShort =
    steps.length < address.path.length
      ? [`The link's path ends at call ${steps.length}: there is no such call here as its next.`]
      : [];
  const hasProtocol = viewsOf(system).length > 0;
  const panel: Panel = address.panel === 'protocol' && !hasProtocol ? 'around' : address.panel;
  const checking = useCheck(session);
  const [keysShown, showKeys] = useState(false);
  const callsPlace = useRef<HTMLElement>(null);

  const taken = steps.map(({ index }) => index);
  const move = (to: Partial<ExploreAddress>): void => go({ ...address, path: taken, at, ...to });
  const walk = (path: readonly number[]): void => {
    const whole = [...taken.slice(0, at), ...path];
    move({ path: whole, at: whole.length });
  };
  const goTo = (place: number): void => {
    if (place >= 0 && place <= steps.length) move({ at: place });
  };
  const show = (panel: Panel): void => move({ panel });
  useKeys({
    j: () => moveAmongCalls(1),
    k: () => moveAmongCalls(-1),
    u: () => goTo(at - 1),
    r: () => goTo(at + 1),
    b: () => goTo(0),
    f: () => callsPlace.current?.querySelector('select')?.focus(),
    1: () => show('protocol'),
    2: () => show('around'),
    3: () => show('properties'),
    c: () => {
      show('properties');
      checking.run();
    },
    '?': () => showKeys(!keysShown),
  });
  useEffect(() => {
    document.title = `${system.name}${at === 0 ? '' : `, ${at} calls`} · pagewarden explorer`;
  }, [system, at]);

  return (
    <div class="explore">
      <SessionBar
        session={session}
        onChoose={chosen => go({ view: 'explore', path: [], at: 0, panel: address.panel, ...chosen })}
      />
      {session.mutant === undefined ? null : (
        <AttackBar
          session={session}
          checking={checking}
          at={at}
          length={steps.length}
          go={go}
          address={address}
        />
      )}
      <section class="left" aria-label="the path so far">
        <div class="title">
          <h2>Path</h2>
          <button type="button" disabled={at === 0} onClick={() => goTo(at - 1)}>
            Undo
          </button>
          <button type="button" disabled={at === steps.length} onClick={() => goTo(at + 1)}>
            Redo
          </button>
        </div>
        <PathList steps={steps} at={at} onGo={goTo} />
        <CopyAs session={session} steps={steps.slice(0, at)} />
        <p class="hint">
          <button type="button" class="link" aria-expanded={keysShown} onClick={() => showKeys(!keysShown)}>
            Keys
          </button>
        </p>
        {keysShown ? <Keys /> : null}
      </section>
      <main class="middle">
        <section aria-label="the state">
          <h2>State</h2>
          {[...session.astray, ...cutShort].map(sentence => (
            <p key={sentence} class="bad" role="alert">
              {sentence}
            </p>
          ))}
          <LastCall system={system} before={before} last={last} />
          <StatePanel
            system={system}
            state={state}
            last={last}
            open={address.slot}
            onOpen={slot => {
              const { slot: _closed, ...rest } = address;
              go({ ...rest, path: taken, at, ...(slot === undefined ? {} : { slot }) });
            }}
            guestKind={guestKind(session)}
          />
        </section>
        <div class="panel">
          <div class="tabs" role="tablist" aria-label="more about the state">
            {panelNames
              .filter(([name]) => name !== 'protocol' || hasProtocol)
              .map(([name, title]) => (
                <button
                  key={name}
                  type="button"
                  role="tab"
                  id={`tab-${name}`}
                  aria-selected={panel === name}
                  aria-controls="panel"
                  onClick={() => show(name)}
                >
                  {title}
                </button>
              ))}
          </div>
          <div id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`}>
            {panel === 'protocol' ? <ProtocolPanel session={session} state={state} onWalk={walk} /> : null}
            {panel === 'around' ? <AroundPanel system={system} state={state} onWalk={walk} /> : null}
            {panel === 'properties' ? (
              <PropertiesPanel
                session={session}
                before={before}
                state={state}
                last={last}
                checking={checking}
                onPath={path => move({ path, at: path.length })}
              />
            ) : null}
          </div>
        </div>
      </main>
      <section class="right" aria-label="the next call" ref={callsPlace}>
        <h2>Next call</h2>
        <CallList
          system={system}
          state={state}
          calls={calls}
          actor={address.actor}
          operation={address.operation}
          onTake={index => walk([index])}
          onFilter={({ actor, operation }) => {
            const { actor: _actor, operation: _operation, ...rest } = address;
            go(
              {
                ...rest,
                path: taken,
                at,
                ...(actor === undefined ? {} : { actor }),
                ...(operation === undefined ? {} : { operation }),
              },
              'quietly',
            );
          }}
        />
      </section>
    </div>
  );
}
