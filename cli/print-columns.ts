import type { Slot, Trace, TraceStep, Value } from '../checker/index.ts';
import { isCpu } from '../systems/pages/slot-is.ts';

/** The CPUs of a story: each is the actor of its own steps and a slot that they change. */
const cpusOf = ({ steps }: Trace): string[] => {
  const slots = steps.flatMap(({ changes }) => changes.map(({ slot }) => slot));
  const cpus = new Set(slots.filter(({ is }) => is?.kind === isCpu.kind).map(({ name }) => name));
  return [...new Set(steps.map(({ action }) => action.actor))].filter(actor => cpus.has(actor)).sort();
};

/** Whether a trace is a story of several CPUs, each of which is an actor of its own. */
export const isStoryOfCpus = (trace: Trace): boolean => cpusOf(trace).length > 1;

const wordsOf = (slot: Slot, value: Value): string => slot.show?.(value) ?? String(value);

/**
 * A story of several CPUs, one column each: what every CPU does, beneath one another in the order of time, with the
 * slots that its step changed. Whoever is no CPU (a guest, a device) stands in the first column by name.
 */
export function columnLines(
  { steps }: Trace,
  show: { readonly call: (step: TraceStep) => string; readonly result: (step: TraceStep) => string },
): string[] {
  const cpus = cpusOf({ steps, shortest: false });
  const cellOf = (step: TraceStep): string => {
    const { actor } = step.action;
    const result = step.result === 'ok' ? '' : ` -> ${show.result(step)}`;
    return `${cpus.includes(actor) ? '' : `${actor}: `}${show.call(step)}${result}`;
  };
  const notesOf = (step: TraceStep): string[] =>
    step.changes
      .filter(({ slot }) => slot.is?.kind !== isCpu.kind)
      .map(
        ({ slot, before, after }) => `  ${slot.name}: ${wordsOf(slot, before)} -> ${wordsOf(slot, after)}`,
      );
  const columnOf = ({ action }: TraceStep): number => Math.max(0, cpus.indexOf(action.actor));
  const cells = steps.map(step => [cellOf(step), ...notesOf(step)]);
  const widths = cpus.map((_, column) =>
    Math.max(
      12,
      ...cells.flatMap((lines, at) => {
        const step = steps[at];
        return step !== undefined && columnOf(step) === column ? lines.map(line => line.length) : [];
      }),
    ),
  );
  const line = (number: string, column: number, text: string): string => {
    const parts = cpus.map((_, at) => (at === column ? text : '').padEnd(widths[at] ?? 0));
    return `${number.padStart(3)}  ${parts.join(' | ')}`.trimEnd();
  };
  return [
    `     ${cpus.map((cpu, at) => cpu.padEnd(widths[at] ?? 0)).join(' | ')}`.trimEnd(),
    ...steps.flatMap((step, at) =>
      (cells[at] ?? []).map((text, row) => line(row === 0 ? String(at + 1) : '', columnOf(step), text)),
    ),
    ...standing(steps, cpus).map(text => `     ${text}`),
  ];
}

/** Where each CPU stands at the end of the story. */
function standing(steps: readonly TraceStep[], cpus: readonly string[]): string[] {
  return cpus.flatMap(cpu => {
    const changes = steps.flatMap(({ changes }) => changes).filter(({ slot }) => slot.name === cpu);
    const last = changes.at(-1);
    return last === undefined ? [] : [`at the end ${cpu} is ${wordsOf(last.slot, last.after)}`];
  });
}
