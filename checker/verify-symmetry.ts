import { explore } from './explore.ts';
import type { ExploreOptions } from './options.ts';
import type { Exploration, Trace } from './system/exploration.ts';
import type { System } from './system/system.ts';

/** What exploring a system with and without its symmetries said. */
export interface SymmetryVerdict {
  readonly orbits: Exploration;
  readonly states: Exploration;
  /** One line for each thing in which they differ; none where the symmetries may be relied on at this size. */
  readonly differences: readonly string[];
}

/**
 * Explores a small system both ways: the orbits must stand for as many states as there are, the depth, every
 * verdict and the length of every path must be the same.
 */
export async function verifySymmetry(
  system: System,
  options: ExploreOptions = {},
): Promise<SymmetryVerdict> {
  const orbits = await explore(system, { ...options, symmetry: true });
  const states = await explore(system, { ...options, symmetry: false });
  const whole = shapeOf(states);
  const differences = [...shapeOf(orbits)].flatMap(([what, said]) =>
    said === whole.get(what) ? [] : [`${what}: ${said} with orbits, ${whole.get(what)} without`],
  );
  return { orbits, states, differences };
}

function shapeOf(found: Exploration): ReadonlyMap<string, string> {
  const { symmetry, states, depth, properties, twin, deadlock } = found;
  return new Map([
    ['states', `${symmetry?.represented ?? states}`],
    ['depth', `${depth}`],
    ['the twin', pathOf(twin?.disagreement?.trace)],
    ['deadlock', pathOf(deadlock.trace)],
    ...properties.map(outcome => {
      const steps = 'trace' in outcome ? `, ${pathOf(outcome.trace)}` : '';
      return [`"${outcome.property.name}"`, `${outcome.verdict}${steps}`] as const;
    }),
  ]);
}

const pathOf = (trace: Trace | undefined): string =>
  trace === undefined ? 'none' : `${trace.steps.length} steps`;
