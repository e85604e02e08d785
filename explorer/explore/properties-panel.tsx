import type { SentenceVerdict, Value } from '../../checker/index.ts';
import type { CheckedProperty } from '../check-messages.ts';
import type { Session, TakenStep } from '../session.ts';
import type { Check, Checking } from './use-check.ts';
import { type ProofHere, useProof } from './use-proof.ts';
import { type VerdictHere, verdictsHere } from './verdicts.ts';

interface PropertiesPanelProps {
  readonly session: Session;
  readonly before: readonly Value[] | undefined;
  readonly state: readonly Value[];
  readonly last: TakenStep | undefined;
  readonly checking: Checking;
  readonly onPath: (path: readonly number[]) => void;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function Status({ check }: { check: Check }) {
  switch (check.phase) {
    case 'idle':
      return <span class="hint">Every state that calls can reach, checked in this page.</span>;
    case 'running': {
      const { progress } = check;
      return progress === undefined ? (
        <span>starting …</span>
      ) : (
        <span>
          {whole(progress.states)} states, level {progress.level}, {whole(progress.frontier)} to go,{' '}
          {progress.seconds.toFixed(1)} s
        </span>
      );
    }
    case 'stopped':
      return <span>Stopped.</span>;
    case 'fault':
      return <span class="bad">{check.message}</span>;
    case 'done': {
      const { result, states, transitions, depth, seconds, bound, disagreement } = check.report;
      const verdict = {
        pass: 'All hold',
        fail: 'Found something',
        partial: `Partial (${bound ?? 'stopped'})`,
      }[result];
      return (
        <span class={result === 'pass' ? 'good' : 'bad'}>
          {verdict}: {whole(states)} states, {whole(transitions)} calls, depth {depth}, {seconds.toFixed(1)}{' '}
          s{disagreement === undefined ? '' : `; bits and protocol disagree: ${disagreement.why}`}
        </span>
      );
    }
  }
}

const kindText = {
  always: 'always',
  step: 'every call',
  sometimes: 'sometimes',
  recoverable: 'can always be again',
};

function Here({ here }: { here: VerdictHere }) {
  const { kind } = here.property;
  const isWish = kind === 'sometimes' || kind === 'recoverable';
  const text = isWish ? (here.holds ? 'so here' : 'not here') : here.holds ? 'holds' : 'violated';
  return <span class={here.holds ? 'good' : isWish ? 'hint' : 'bad'}>{text}</span>;
}

function Found({
  found,
  onPath,
}: {
  found: CheckedProperty | undefined;
  onPath: PropertiesPanelProps['onPath'];
}) {
  if (found === undefined) return <span class="hint">–</span>;
  const { path, verdict } = found;
  const tone =
    verdict === 'violated' || verdict === 'not reached' ? 'bad' : verdict === 'undecided' ? 'hint' : 'good';
  return (
    <>
      <span class={tone}>
        {verdict === 'holds' ? 'holds: this profile' : verdict === 'undecided' ? 'partial' : verdict}
      </span>
      {path === undefined ? null : (
        <button type="button" class="link" onClick={() => onPath(path)}>
          {path.length === 1 ? 'the call' : `the ${path.length} calls`}
        </button>
      )}
    </>
  );
}

function Proven({ proven }: { proven: SentenceVerdict | undefined }) {
  if (proven === undefined) return <span class="hint">–</span>;
  const { label, why } = proven;
  const tone =
    label === 'violated' ? 'bad' : label === 'every size' || label === 'reached' ? 'good' : 'hint';
  return (
    <span class={tone} title={why}>
      {label}
    </span>
  );
}

function ProofTools({ proof, run, stop }: ProofHere) {
  if (proof.phase === 'running')
    return (
      <button type="button" onClick={stop}>
        Stop proving
      </button>
    );
  return (
    <>
      <button type="button" onClick={run}>
        Prove for every size
      </button>
      {proof.phase === 'fault' ? <span class="bad">{proof.message}</span> : null}
    </>
  );
}

/** The properties, their verdict in this state, and what the page's own check found. */
export function PropertiesPanel({ session, before, state, last, checking, onPath }: PropertiesPanelProps) {
  const { system, family } = session;
  const { check, run, stop } = checking;
  const proof = useProof(session);
  const isSized = family.sized !== undefined;
  const proven = proof.proof.phase === 'done' ? proof.proof.sentences : [];
  const found = check.phase === 'done' ? check.report.properties : [];
  return (
    <section aria-label="properties">
      <p class="tools" aria-live="polite">
        {check.phase === 'running' ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={() => run()}>
            Check every state
          </button>
        )}
        {isSized ? <ProofTools {...proof} /> : null}
        <Status check={check} />
      </p>
      <div class="scroll">
        <table class="properties">
          <thead>
            <tr>
              <th scope="col">property</th>
              <th scope="col">kind</th>
              <th scope="col">here</th>
              <th scope="col">in all states</th>
              {isSized ? <th scope="col">in every size</th> : null}
            </tr>
          </thead>
          <tbody>
            {verdictsHere(system, before, state, last).map(here => (
              <tr key={here.property.name}>
                <th scope="row" title={here.property.source}>
                  {here.property.id === undefined ? null : <span class="key">{here.property.id} </span>}
                  {here.property.name}
                  {here.holds || here.detail === '' ? null : <span class="why">{here.detail}</span>}
                </th>
                <td class="hint">{kindText[here.property.kind]}</td>
                <td>
                  <Here here={here} />
                </td>
                <td>
                  <Found found={found.find(({ name }) => name === here.property.name)} onPath={onPath} />
                </td>
                {isSized ? (
                  <td>
                    <Proven proven={proven.find(({ name }) => name === here.property.name)} />
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
