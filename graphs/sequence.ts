import type { Result, Trace, Value } from '../checker/index.ts';
import { callLabel, shownValue } from './from-states.ts';
import { mermaidText } from './mermaid.ts';

/** A party of a sequence diagram as its lane's name: letters, digits and underscores. */
const lane = (party: string): string => party.replaceAll(/[^A-Za-z0-9]+/g, '_');

/** A result as a reply: 0 is plain success, a negative number a refusal. */
const isRefused = (result: Result): boolean => typeof result === 'number' && result < 0;

export interface SequenceText {
  /** How a result is written: `-1` as `-EPERM`. */
  result(result: Result): string;
  /** What stands below the last step: the property that fails there, and why. */
  readonly ending?: string;
  /** Who answers the calls. */
  readonly callee: string;
}

const change = (
  slot: Trace['steps'][number]['changes'][number]['slot'],
  before: Value,
  after: Value,
): string => `${slot.name}: ${shownValue(slot, before)} → ${shownValue(slot, after)}`;

/**
 * A trace as a Mermaid sequence diagram: every actor a lane, every call an arrow to the hypervisor, every result the
 * arrow back, and a note with what the call changed.
 */
export function toSequence(trace: Pick<Trace, 'steps'>, text: SequenceText): string {
  const actors = [...new Set(trace.steps.map(({ action }) => action.actor))].filter(
    name => name !== text.callee,
  );
  const lines = [...actors, text.callee].map(
    (name, at) =>
      `  ${at === actors.length ? 'participant' : 'actor'} ${lane(name)} as ${mermaidText(name)}`,
  );
  const callee = lane(text.callee);
  for (const { action, result, changes } of trace.steps) {
    const actor = lane(action.actor);
    lines.push(`  ${actor}->>${callee}: ${mermaidText(callLabel(action))}`);
    lines.push(
      `  ${callee}-${isRefused(result) ? '-x' : '->>'}${actor}: ${mermaidText(text.result(result))}`,
    );
    const changed = changes.map(({ slot, before, after }) => change(slot, before, after));
    if (changed.length > 0) lines.push(`  Note over ${callee}: ${mermaidText(changed.join('\n'))}`);
  }
  if (text.ending !== undefined) lines.push(`  Note over ${callee}: ${mermaidText(text.ending)}`);
  return `sequenceDiagram\n${lines.join('\n')}\n`;
}
