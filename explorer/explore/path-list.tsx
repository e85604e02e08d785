import { useEffect, useRef } from 'preact/hooks';
import { resultText } from '../../graphs/result-text.ts';
import type { TakenStep } from '../session.ts';
import { argumentsOf } from './call-text.ts';

interface PathListProps {
  readonly steps: readonly TakenStep[];
  /** How many of the steps are done; those behind are undone. */
  readonly at: number;
  readonly onGo: (at: number) => void;
}

/** A name that may be broken behind its underscores, where the column is narrow. */
const broken = (name: string) =>
  name
    .split('_')
    .flatMap((part, at, parts) => (at < parts.length - 1 ? [`${part}_`, <wbr key={at} />] : [part]));

function Step({
  step,
  number,
  now,
  onGo,
}: {
  step: TakenStep;
  number: number;
  now: number;
  onGo: () => void;
}) {
  const refused = typeof step.result === 'number' && step.result < 0;
  const place = number === now ? 'now' : number > now ? 'undone' : 'done';
  return (
    <li class={place}>
      <button type="button" onClick={onGo} aria-current={number === now ? 'step' : undefined}>
        <span class="number">{number}</span>
        <span class="what">
          <span class="line">
            <span class="actor">{step.action.actor}</span>
            <span class={refused ? 'result refused' : 'result'}>{resultText(step.result)}</span>
          </span>
          <span class="operation">{broken(step.action.name)}</span>
          <span class="arguments">
            {argumentsOf(step.action)
              .map(pair => pair.join(' '))
              .join(', ')}
          </span>
        </span>
      </button>
    </li>
  );
}

/** The calls so far: click one to go back to the state behind it. */
export function PathList({ steps, at, onGo }: PathListProps) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // on a narrow page the path is a row: where one stands is seen
    const now = list.current?.querySelector<HTMLElement>('.now');
    if (now !== null && now !== undefined && list.current !== null)
      list.current.scrollLeft = now.offsetLeft - list.current.offsetLeft - 40;
  }, [at, steps.length]);
  return (
    <ol class="path" start={0} ref={list}>
      <li class={at === 0 ? 'now' : 'done'}>
        <button type="button" onClick={() => onGo(0)} aria-current={at === 0 ? 'step' : undefined}>
          <span class="number">0</span>
          <span class="what">the beginning</span>
        </button>
      </li>
      {steps.map((step, index) => (
        <Step key={index} step={step} number={index + 1} now={at} onGo={() => onGo(index + 1)} />
      ))}
    </ol>
  );
}
