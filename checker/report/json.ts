import type { Exploration, PropertyOutcome, Trace, TraceStep } from '../system/exploration.ts';
import type { Value } from '../system/system.ts';
import { exploredLabel } from './label.ts';

/** A value as JSON holds it: words and addresses as `"0x…"`, everything else as it is. */
export type JsonValue = string | number | boolean;

export const valueJson = (value: Value): JsonValue =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : value;

export interface TraceStepJson {
  readonly actor: string;
  readonly action: string;
  readonly args: Readonly<Record<string, JsonValue>>;
  readonly result: JsonValue;
  readonly changes: readonly {
    readonly slot: string;
    readonly before: JsonValue;
    readonly after: JsonValue;
  }[];
}
export interface TraceJson {
  readonly shortest: boolean;
  readonly steps: readonly TraceStepJson[];
}

const stepJson = ({ action, result, changes }: TraceStep): TraceStepJson => ({
  actor: action.actor,
  action: action.name,
  args: Object.fromEntries(Object.entries(action.args).map(([name, value]) => [name, valueJson(value)])),
  result,
  changes: changes.map(({ slot, before, after }) => ({
    slot: slot.name,
    before: valueJson(before),
    after: valueJson(after),
  })),
});

export const traceJson = ({ shortest, steps }: Trace): TraceJson => ({
  shortest,
  steps: steps.map(stepJson),
});

function propertyJson(outcome: PropertyOutcome): object {
  const { property, verdict } = outcome;
  return {
    ...(property.id === undefined ? {} : { id: property.id }),
    name: property.name,
    kind: property.kind,
    source: property.source,
    verdict,
    label: exploredLabel(outcome),
    ...(verdict === 'reached' ? { about: outcome.about, witness: traceJson(outcome.trace) } : {}),
    ...(verdict === 'violated'
      ? { about: outcome.about, why: outcome.why, counterexample: traceJson(outcome.trace) }
      : {}),
  };
}

/** The run as one plain object: the shape that `check --json` documents. Nothing in it but `seconds` varies by run. */
export function explorationJson(found: Exploration): object {
  const { twin, deadlock } = found;
  return {
    result: found.result,
    ...(found.bound === undefined ? {} : { bound: found.bound }),
    states: found.states,
    transitions: found.transitions,
    refused: found.refused,
    depth: found.depth,
    perLevel: found.perLevel,
    properties: found.properties.map(propertyJson),
    twin:
      twin === undefined
        ? null
        : {
            agrees: twin.disagreement === undefined,
            label: found.bound === undefined ? 'this profile' : 'partial',
            distinctSteps: twin.distinctSteps,
            ...(twin.disagreement === undefined
              ? {}
              : { why: twin.disagreement.why, counterexample: traceJson(twin.disagreement.trace) }),
          },
    deadlock: {
      mode: deadlock.mode,
      ...(deadlock.trace === undefined ? {} : { counterexample: traceJson(deadlock.trace) }),
    },
    coverage: found.coverage.map(({ name, results, newStates }) => ({
      operation: name,
      newStates,
      results: [...results].map(([result, { transitions, firstDepth }]) => ({
        result,
        transitions,
        firstDepth,
      })),
    })),
    encoding: found.encoding,
    ...(found.symmetry && { symmetry: found.symmetry }),
    ...(found.saveFailed === undefined ? {} : { saveFailed: found.saveFailed }),
    evaluations: found.evaluations,
    seconds: found.seconds,
  };
}
