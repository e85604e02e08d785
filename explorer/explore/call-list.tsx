import { resultText } from '../../graphs/result-text.ts';
import type { System, Value } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import type { NextCall } from '../session.ts';
import { useState } from 'preact/hooks';
import { argumentsOf, callText } from './call-text.ts';
import { isFound } from './is-found.ts';

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
        aria-label={label === 'by' ? 'calls by' : 'calls of'}
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

/** What a call would return, where that says something, and whether anything would come of it. */
function outcomeText({ result, refused, idle }: NextCall): string {
  const said = result === 0 || result === 'ok' ? [] : [resultText(result)];
  return [...said, ...(idle && !refused ? ['no change'] : [])].join(', ');
}

function Call({ call, why, onTake }: { call: NextCall; why: string | undefined; onTake: () => void }) {
  const { action, refused } = call;
  return (
    <li>
      <button type="button" class={refused ? 'call refused' : 'call'} onClick={onTake}>
        <span class="line">
          <span class="actor">{action.actor}</span> <span class="operation">{action.name}</span>
          <span class="result">{outcomeText(call)}</span>
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

interface CallsProps {
  readonly calls: readonly NextCall[];
  readonly whyOf: (call: NextCall) => string | undefined;
  readonly onTake: (index: number) => void;
}

function Calls({ calls, whyOf, onTake }: CallsProps) {
  return (
    <ul class="calls">
      {calls.map(call => (
        <Call key={call.index} call={call} why={whyOf(call)} onTake={() => onTake(call.index)} />
      ))}
    </ul>
  );
}

/** On a phone the long list of refusals begins folded. */
const isWide = (): boolean => matchMedia('(min-width: 761px)').matches;

/** What may be called now: what goes through first, then what is refused, with the errno and the reason. */
export function CallList(props: CallListProps) {
  const { system, state, calls, actor, operation, onTake, onFilter } = props;
  const read = readerOf(system.slots, state);
  const [sought, seek] = useState('');
  const shown = calls.filter(
    ({ action }) =>
      (actor === undefined || action.actor === actor) &&
      (operation === undefined || action.name === operation) &&
      isFound(`${action.actor} ${callText(action)}`, sought),
  );
  const accepted = shown.filter(call => !call.refused);
  const refused = byErrno(shown.filter(call => call.refused));
  const whyOf = ({ action, refused }: NextCall): string | undefined =>
    refused ? action.explain?.(read) : undefined;
  return (
    <>
      <div class="filters">
        <input
          type="search"
          aria-label="search the calls"
          placeholder="search: host 0x3000"
          value={sought}
          onInput={event => seek(event.currentTarget.value)}
        />
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
      <h3>
        Goes through <span class="count">{accepted.length}</span>
      </h3>
      <Calls calls={accepted} whyOf={whyOf} onTake={onTake} />
      <details class="refused-calls" open={isWide()}>
        <summary>
          Refused <span class="count">{refused.length}</span>
        </summary>
        <Calls calls={refused} whyOf={whyOf} onTake={onTake} />
      </details>
      {shown.length === 0 ? <p class="hint">No call fits the filter or the search.</p> : null}
    </>
  );
}
