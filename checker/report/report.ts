import type { Evaluator } from '../learn/evaluate.ts';
import type { Limits } from '../search/limits.ts';
import type { Parents } from '../search/parents.ts';
import type { Search } from '../search/search.ts';
import { SymmetryRefused } from '../symmetry/orbits.ts';
import type { Exploration, PropertyOutcome, Trace } from '../system/exploration.ts';
import type { Property, System } from '../system/system.ts';
import type { Coverage } from './coverage.ts';
import type { Finding, Findings } from './findings.ts';
import { Tracer } from './trace.ts';

/** What a run has come to. */
export interface Results {
  readonly system: System;
  readonly evaluator: Evaluator;
  readonly findings: Findings;
  readonly search: Search;
  readonly parents: Parents;
  readonly limits: Limits;
  /** States found at each level. */
  readonly perLevel: readonly number[];
  /** Whether every reachable state was expanded. */
  readonly isExhaustive: boolean;
  /** Why the last save failed, where it did. */
  readonly saveFailure: string | undefined;
  /** The first state without a way on, in the sense of the system's deadlock mode. */
  readonly deadlock: number | undefined;
  /** The first state from which a recoverable property's goal is out of reach, by the property's index. */
  readonly traps: ReadonlyMap<number, number | undefined>;
}

/** The run as its callers read it. */
export function report(run: Results, coverage: Coverage): Exploration {
  const { system, search, limits, perLevel } = run;
  const evaluations = run.evaluator.runs;
  const tracer = new Tracer(system, search, run.parents, run.evaluator);
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
    result: isFail ? 'fail' : run.isExhaustive && limits.bound === undefined ? 'pass' : 'partial',
    ...(limits.bound === undefined ? {} : { bound: limits.bound }),
    states: search.states.length,
    transitions: coverage.transitions,
    refused: coverage.refused,
    depth: perLevel.length - 1,
    perLevel,
    properties,
    twin,
    deadlock,
    coverage: coverage.actions,
    encoding: {
      bitsPerState: search.states.packing.bits,
      bytesPerState: search.rowBytes / search.states.length,
      storage: search.visited.about,
    },
    ...(search.orbits && {
      symmetry: { exchanges: search.orbits.exchanges.length, represented: search.represented },
    }),
    ...(run.saveFailure === undefined ? {} : { saveFailed: run.saveFailure }),
    evaluations,
    seconds: limits.seconds,
  };
}

function outcomeOf(run: Results, tracer: Tracer, property: Property, index: number): PropertyOutcome {
  const finding = run.findings.of(index);
  if (finding !== undefined) {
    const { trace, about, why } = tell(run, tracer, finding, index);
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

/** A finding in the names of its path: where orbits were explored, it was made of a state with members exchanged. */
function tell(
  run: Results,
  tracer: Tracer,
  { state, call, about, why }: Finding,
  key: number | 'twin',
): { readonly trace: Trace; readonly about: string; readonly why: string } {
  const { trace, codes, last } = tracer.toEnd(state, call);
  if (run.search.orbits === undefined) return { trace, about, why };
  if (last !== undefined) {
    const before = codes.slice();
    for (const { group, from } of last.writes) before[group.index] = from;
    const { faults } = run.evaluator.evaluate({ kind: 'action', action: last.action }, before);
    return { trace, about, why: faults.find(({ property }) => property === key)?.why ?? why };
  }
  const property = typeof key === 'number' ? run.system.properties[key] : undefined;
  if (property === undefined || property.kind === 'step') return { trace, about, why };
  for (const instance of property.instances) {
    const verdict = run.evaluator.evaluate({ kind: 'instance', property: 0, instance }, codes);
    if (verdict.holds === (property.kind === 'sometimes'))
      return { trace, about: instance.about, why: verdict.why };
  }
  throw new SymmetryRefused(`"${property.name}" is another sentence when members are exchanged`);
}

function twinOf(run: Results, tracer: Tracer, { distinctSteps }: Coverage): Exploration['twin'] {
  const finding = run.findings.of('twin');
  if (finding === undefined) return { distinctSteps };
  const { trace, why } = tell(run, tracer, finding, 'twin');
  return { distinctSteps, disagreement: { trace, why } };
}
