import { resultText } from '../../graphs/result-text.ts';
import { isRefusal, type System, type Value } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import type { TakenStep } from '../session.ts';
import { callText } from './call-text.ts';

interface LastCallProps {
  readonly system: System;
  /** The state in which the call was made. */
  readonly before: readonly Value[] | undefined;
  readonly last: TakenStep | undefined;
}

/** The call that led here, what it returned and why. */
export function LastCall({ system, before, last }: LastCallProps) {
  if (last === undefined || before === undefined) {
    return (
      <p class="last-call hint">The beginning. Choose a next call, or click a box below to go there.</p>
    );
  }
  const refused = isRefusal(system, last.result);
  const why = refused ? last.action.explain?.(readerOf(system.slots, before)) : undefined;
  const changes = last.changes.length;
  const effect =
    changes === 0 ? 'nothing changed' : `${changes} ${changes === 1 ? 'word' : 'words'} changed`;
  return (
    <p class="last-call" aria-live="polite">
      <code>{callText(last.action)}</code> by {last.action.actor} returned{' '}
      <strong class={refused ? 'bad' : 'good'}>{resultText(last.result)}</strong>
      {why === undefined
        ? `: ${effect}.`
        : `: ${why}. ${changes === 0 ? 'Nothing changed.' : `${effect}.`}`}
    </p>
  );
}
