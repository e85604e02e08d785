import type { System, Value } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import type { NextCall } from '../session.ts';
import { argumentsOf, resultText } from './call-text.ts';

interface CallListProps {
  readonly system: System;
  readonly state: readonly Value[];
  readonly calls: readonly NextCall[];
  readonly actor: string | undefined;
  readonly operation: string | undefined;
  readonly onTake: (index: number) => void;
  readonly onFilter: (filter: { actor: string | undefined; operation: string | undefined }) => void;
}

/** Refusals that depend on the state (-EPERM) before those that malformed arguments earn in every state. */
const byErrno = (calls: readonly NextCall[]): NextCall[] =>
  [...calls].sort((a, b) => Number(b.result) - Number(a.result));

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

function Choice(props: {
  readonly label: string;
  readonly all: string;
  readonly value: string | undefined;
  readonly options: readonly string[];
  readonly onChange: (value: string | undefined) => void;
}) {
  const { label, all, value, options, onChange } = props;
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        value={value ?? ''}
        onChange={event =>
          onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)
        }
      >
        <option value="">{all}</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

function Call({ call, why, onTake }: { call: NextCall; why: string | undefined; onTake: () => void }) {
  const { action, result, refused, idle } = call;
  return (
    <li>
      <button type="button" class={refused ? 'call refused' : 'call'} onClick={onTake}>
        <span class="line">
          <span class="actor">{action.actor}</span> <span class="operation">{action.name}</span>
          <span class="result">{refused ? resultText(result) : idle ? 'no change' : ''}</span>
        </span>
        <span class="arguments">
          {argumentsOf(action).map(([key, value]) => (
            <span key={key}>
              <span class="key">{key}</span> {value}{' '}
            </span>
          ))}
        </span>
        {why === undefined ? null : <span class="why">{why}</span>}
      </button>
    </li>
  );
}

function Calls(props: {
  readonly title: string;
  readonly calls: readonly NextCall[];
  readonly whyOf: (call: NextCall) => string | undefined;
  readonly onTake: (index: number) => void;
}) {
  const { title, calls, whyOf, onTake } = props;
  if (calls.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>
        {title} <span class="count">{calls.length}</span>
      </h3>
      <ul class="calls">
        {calls.map(call => (
          <Call key={call.index} call={call} why={whyOf(call)} onTake={() => onTake(call.index)} />
        ))}
      </ul>
    </section>
  );
}

/** What may be called now: what goes through first, then what is refused, with the errno and the reason. */
export function CallList(props: CallListProps) {
  const { system, state, calls, actor, operation, onTake, onFilter } = props;
  const read = readerOf(system.slots, state);
  const shown = calls.filter(
    ({ action }) =>
      (actor === undefined || action.actor === actor) &&
      (operation === undefined || action.name === operation),
  );
  const whyOf = ({ action, refused }: NextCall): string | undefined =>
    refused ? action.explain?.(read) : undefined;
  return (
    <>
      <div class="filters">
        <Choice
          label="by"
          all="any actor"
          value={actor}
          options={distinct(calls.map(({ action }) => action.actor))}
          onChange={chosen => onFilter({ actor: chosen, operation })}
        />
        <Choice
          label="call"
          all="any call"
          value={operation}
          options={distinct(calls.map(({ action }) => action.name))}
          onChange={chosen => onFilter({ actor, operation: chosen })}
        />
      </div>
      <Calls
        title="Goes through"
        calls={shown.filter(({ refused }) => !refused)}
        whyOf={whyOf}
        onTake={onTake}
      />
      <Calls
        title="Refused"
        calls={byErrno(shown.filter(({ refused }) => refused))}
        whyOf={whyOf}
        onTake={onTake}
      />
      {shown.length === 0 ? <p class="hint">No call fits the filter.</p> : null}
    </>
  );
}
