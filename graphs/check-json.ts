import { z } from 'zod';
import type { Value } from '../checker/index.ts';
import type { RecordedTrace, TraceOrigin } from './recorded-trace.ts';

const value = z.union([z.string(), z.number(), z.boolean()]);
const step = z.object({
  actor: z.string(),
  action: z.string(),
  args: z.record(z.string(), value),
  result: z.union([z.number(), z.string()]),
  changes: z.array(z.object({ slot: z.string(), before: value, after: value })),
});
const trace = z.object({ steps: z.array(step) });
type TraceJson = z.infer<typeof trace>;

const run = z.object({
  system: z.string(),
  profile: z.string().exactOptional(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  mutant: z.string().exactOptional(),
  properties: z.array(
    z.object({
      name: z.string(),
      about: z.string().exactOptional(),
      why: z.string().exactOptional(),
      counterexample: trace.exactOptional(),
      witness: trace.exactOptional(),
    }),
  ),
  twin: z.object({ why: z.string().exactOptional(), counterexample: trace.exactOptional() }).nullish(),
  deadlock: z.object({ counterexample: trace.exactOptional() }).exactOptional(),
});
type Run = z.infer<typeof run>;

/** What `check --json` writes, as far as its traces go: one run, or several. */
const checkJson = z.union([run, z.object({ runs: z.array(run) })]);

/** A value as the report writes it: words and addresses are `"0x…"`. */
const valueOf = (json: z.infer<typeof value>): Value =>
  typeof json === 'string' && /^0x[0-9a-f]+$/.test(json) ? BigInt(json) : json;

/** The values of every slot that the trace changes, before its first step and after each. */
function statesOf({ steps }: TraceJson): Pick<RecordedTrace, 'slots' | 'states'> {
  const first = new Map<string, Value>();
  for (const { changes } of steps) {
    for (const { slot, before } of changes) if (!first.has(slot)) first.set(slot, valueOf(before));
  }
  const slots = [...first.keys()];
  const now = new Map(first);
  const row = (): Value[] => slots.map(slot => now.get(slot) ?? '');
  const states = [row()];
  for (const { changes } of steps) {
    for (const { slot, after } of changes) now.set(slot, valueOf(after));
    states.push(row());
  }
  return { slots, states };
}

function recorded(origin: TraceOrigin, json: TraceJson): RecordedTrace {
  const calls = json.steps.map(({ actor, action, args, result }) => ({
    actor,
    name: action,
    args: Object.fromEntries(Object.entries(args).map(([name, one]) => [name, valueOf(one)])),
    result,
  }));
  return { ...origin, ...statesOf(json), calls };
}

function tracesOfRun(found: Run): RecordedTrace[] {
  const { system, profile, parameters, mutant, properties, twin, deadlock } = found;
  const origin: TraceOrigin = {
    system,
    ...(profile === undefined ? {} : { profile }),
    parameters,
    ...(mutant === undefined ? {} : { mutant }),
  };
  const named = (name: string, why?: string): TraceOrigin => ({
    ...origin,
    property: { name, ...(why === undefined ? {} : { why }) },
  });
  const violated = properties.flatMap(({ name, about, why, counterexample }) =>
    counterexample === undefined
      ? []
      : [
          recorded(
            { ...origin, property: { name, ...(about && { about }), ...(why && { why }) } },
            counterexample,
          ),
        ],
  );
  const apart = twin?.counterexample;
  const stuck = deadlock?.counterexample;
  const reached = properties.flatMap(({ name, witness }) =>
    witness === undefined ? [] : [recorded(named(name), witness)],
  );
  return [
    ...violated,
    ...(apart === undefined ? [] : [recorded(named('bits and protocol agree', twin?.why), apart)]),
    ...(stuck === undefined ? [] : [recorded(named('no deadlock'), stuck)]),
    ...reached,
  ];
}

/**
 * Every trace in a report of `check --json`: violated properties first, then a disagreement of bits and protocol, a
 * deadlock, and the witnesses of what was reached.
 *
 * @throws z.ZodError for JSON of another shape.
 */
export function tracesOfCheck(json: unknown): RecordedTrace[] {
  const report = checkJson.parse(json);
  return 'runs' in report ? report.runs.flatMap(tracesOfRun) : tracesOfRun(report);
}
