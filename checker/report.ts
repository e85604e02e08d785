import type { Coverage } from './coverage.ts';
import type { Run } from './explore.ts';
import type { Exploration, PropertyOutcome } from './outcome.ts';
import type { Property } from './system.ts';
import { Tracer } from './trace.ts';

/** The run as its callers read it. */
export function report(run: Run, coverage: Coverage): Exploration {
  const { system, search, limits, perLevel } = run;
  const tracer = new Tracer(system, search, run.discovery);
  const properties = system.properties.map((property, index) => outcomeOf(run, tracer, property, index));
  const twin = system.twin && twinOf(run, tracer, coverage);
  const deadlock = {
    mode: system.deadlock ?? 'off',
    ...(run.deadlock === undefined ? {} : { trace: tracer.to(run.deadlock) }),
  };
  const isFail =
    twin?.disagreement !== undefined ||
    run.deadlock !== undefined ||
    properties.some(({ verdict }) => verdict === 'violated' || verdict === 'not reached');
  return {
    result: isFail ? 'fail' : limits.bound === undefined ? 'pass' : 'partial',
    ...(limits.bound === undefined ? {} : { bound: limits.bound }),
    states: search.arena.length,
    transitions: coverage.transitions,
    refused: coverage.refused,
    depth: perLevel.length - 1,
    perLevel,
    properties,
    twin,
    deadlock,
    coverage: coverage.actions,
    encoding: {
      bitsPerState: search.arena.packing.bits,
      bytesPerState: search.bytes / search.arena.length,
      storage: search.visited.about,
    },
    evaluations: run.evaluator.runs,
    seconds: limits.seconds,
  };
}

function outcomeOf(run: Run, tracer: Tracer, property: Property, index: number): PropertyOutcome {
  const finding = run.findings.of(index);
  if (finding !== undefined) {
    const { about, why, state, call } = finding;
    const trace = tracer.to(state, call);
    return property.kind === 'sometimes'
      ? { property, verdict: 'reached', about, trace }
      : { property, verdict: 'violated', about, why, trace };
  }
  if (!run.isExhaustive) return { property, verdict: 'undecided' };
  if (property.kind === 'sometimes') return { property, verdict: 'not reached' };
  if (property.kind !== 'recoverable') return { property, verdict: 'holds' };
  if (!run.traps.has(index)) return { property, verdict: 'undecided' };
  const trap = run.traps.get(index);
  if (trap === undefined) return { property, verdict: 'holds' };
  const why = 'from here no path leads to a state in which it holds';
  return { property, verdict: 'violated', about: '', why, trace: tracer.to(trap) };
}

function twinOf(run: Run, tracer: Tracer, { distinctSteps }: Coverage): Exploration['twin'] {
  const finding = run.findings.of('twin');
  if (finding === undefined) return { distinctSteps };
  const { state, call, why } = finding;
  return { distinctSteps, disagreement: { trace: tracer.to(state, call), why } };
}
