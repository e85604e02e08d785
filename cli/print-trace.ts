import type { Slot, Trace, TraceStep, Value } from '../checker/index.ts';
import { callText } from '../graphs/call-text.ts';
import { resultText } from '../graphs/result-text.ts';
import { groupedHex } from '../model/bits/index.ts';
import { columnLines, isStoryOfCpus } from './print-columns.ts';

/** `-EPERM` for -1; other results as they are. */
export const showResult = resultText;

/** The call of a step. */
export const showCall = ({ action }: Pick<TraceStep, 'action'>): string => callText(action);

function showChange({ slot, before, after }: TraceStep['changes'][number]): string[] {
  const named = `${slot.name.padEnd(20)} ${show(slot, before)} -> ${show(slot, after)}`;
  const words =
    typeof before === 'bigint' && typeof after === 'bigint'
      ? [`${''.padEnd(20)} ${groupedHex(before)} -> ${groupedHex(after)}`]
      : [];
  return [named, ...words];
}

const show = (slot: Slot, value: Value): string =>
  slot.show?.(value) ?? (typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value));

/** The trace, one call a line, with what each call changed below it; in columns where several CPUs act. */
export function traceLines(trace: Trace): string[] {
  if (isStoryOfCpus(trace))
    return columnLines(trace, { call: showCall, result: step => showResult(step.result) });
  const actorWidth = Math.max(4, ...trace.steps.map(({ action }) => action.actor.length));
  return [
    '  0  initial state',
    ...trace.steps.flatMap((step, at) => [
      `${String(at + 1).padStart(3)}  ${step.action.actor.padEnd(actorWidth)}  ${showCall(step)} -> ${showResult(step.result)}`,
      ...step.changes.flatMap(showChange).map(line => `       ${line}`),
    ]),
  ];
}
