import { z } from 'zod';
import type { Value } from '../checker/index.ts';
import type { RecordedCall, RecordedTrace } from './recorded-trace.ts';

/**
 * Traces in the Informal Trace Format of Apalache (ADR 015), which Quint writes too and a VS Code viewer shows. Every
 * slot is a variable; the call that led to a state stands in `mbt::actionTaken` and `mbt::nondetPicks`, as in Quint,
 * and once more with actor and result in the state's `#meta`. The invariant's name is in the trace's `#meta`.
 */

const bigint = z.strictObject({ '#bigint': z.string().regex(/^-?\d+$/, 'a decimal number') });
const primitive = z.union([z.boolean(), z.string(), z.number().int(), bigint]);
const result = z.union([z.number().int(), z.string()]);
const call = z.object({
  actor: z.string(),
  name: z.string(),
  args: z.record(z.string(), primitive),
  result,
});

/** The part of ITF that a trace of ours uses. Unknown keys of `#meta` are let be; unknown kinds of values are not. */
const itfJson = z.object({
  '#meta': z.object({
    system: z.string(),
    profile: z.string().exactOptional(),
    parameters: z.record(z.string(), z.union([z.number(), z.string()])),
    mutant: z.string().exactOptional(),
    invariant: z.string().exactOptional(),
    about: z.string().exactOptional(),
    why: z.string().exactOptional(),
  }),
  vars: z.array(z.string()),
  states: z
    .array(
      z
        .object({ '#meta': z.object({ index: z.number(), call: call.exactOptional() }) })
        .catchall(z.unknown()),
    )
    .min(1),
});

const ownVariables = ['mbt::actionTaken', 'mbt::nondetPicks'];

/** A value as ITF writes it: every integer, small or large, is a `#bigint`. */
const toItfValue = (value: Value): unknown =>
  typeof value === 'bigint' || typeof value === 'number' ? { '#bigint': value.toString() } : value;

/** The value of a variable. ITF does not tell a small integer from a 64-bit word: all integers are bigints here. */
function fromItfValue(json: unknown, where: string): Value {
  const parsed = primitive.safeParse(json);
  if (!parsed.success) {
    throw new RangeError(
      `${where}: expected a boolean, a string or an integer, found ${JSON.stringify(json)}`,
    );
  }
  const { data } = parsed;
  if (typeof data === 'object') return BigInt(data['#bigint']);
  return typeof data === 'number' ? BigInt(data) : data;
}

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  each: (value: A, key: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, each(value, key)]));

function metaOf(trace: RecordedTrace): Record<string, unknown> {
  const { system, profile, parameters, mutant, property } = trace;
  return {
    format: 'ITF',
    'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
    source: 'pagewarden',
    description: property === undefined ? `a path of ${system}` : `${system}: ${property.name}`,
    system,
    ...(profile === undefined ? {} : { profile }),
    parameters,
    ...(mutant === undefined ? {} : { mutant }),
    ...(property === undefined ? {} : { invariant: property.name }),
    ...(property?.about === undefined ? {} : { about: property.about }),
    ...(property?.why === undefined ? {} : { why: property.why }),
  };
}

/** A trace with its states, as ITF. */
export function toItf(trace: RecordedTrace): string {
  const states = trace.states.map((values, index) => {
    const taken = index === 0 ? undefined : trace.calls[index - 1];
    const args = mapValues(taken?.args ?? {}, toItfValue);
    return {
      '#meta': { index, ...(taken === undefined ? {} : { call: { ...taken, args } }) },
      ...Object.fromEntries(trace.slots.map((slot, at) => [slot, toItfValue(values[at] ?? '')])),
      'mbt::actionTaken': taken?.name ?? 'init',
      'mbt::nondetPicks': args,
    };
  });
  const itf = { '#meta': metaOf(trace), vars: [...trace.slots, ...ownVariables], states };
  return `${JSON.stringify(itf, undefined, 1)}\n`;
}

/**
 * The trace that an ITF file holds.
 *
 * @throws z.ZodError for JSON of another shape; RangeError naming the state and variable of a value it cannot hold.
 */
export function fromItf(json: unknown): RecordedTrace {
  const { '#meta': meta, vars, states } = itfJson.parse(json);
  const { system, profile, parameters, mutant, invariant, about, why } = meta;
  const slots = vars.filter(name => !ownVariables.includes(name));
  const rows = states.map((state, at) =>
    slots.map(slot => fromItfValue(state[slot], `states[${at}].${slot}`)),
  );
  const calls = states.slice(1).map((state, at): RecordedCall => {
    const taken = state['#meta'].call;
    if (taken === undefined) throw new RangeError(`states[${at + 1}].#meta.call is missing`);
    return {
      ...taken,
      args: mapValues(taken.args, (value, key) => fromItfValue(value, `states[${at + 1}] ${key}`)),
    };
  });
  const details = { ...(about === undefined ? {} : { about }), ...(why === undefined ? {} : { why }) };
  return {
    system,
    ...(profile === undefined ? {} : { profile }),
    parameters,
    ...(mutant === undefined ? {} : { mutant }),
    ...(invariant === undefined ? {} : { property: { name: invariant, ...details } }),
    slots,
    calls,
    states: rows,
  };
}
