import { traceJson } from '../../checker/index.ts';
import { familyNamed } from '../choice.ts';
import { bestKiller, type Trial, tryMutant } from '../../systems/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { showCall, traceLines } from '../print-trace.ts';

/** One mutant to try, by names: what another thread can be told. */
export interface TrialRequest {
  readonly system: string;
  readonly mutant: string;
  readonly maxStates: number;
  /** Goes on after the shortest attack, for all that notices the mutant. */
  readonly isWhole: boolean;
}

/** How it went, as it is printed: what another thread can answer. */
export interface TrialReport {
  readonly verdict: Trial['verdict'];
  readonly name: string;
  readonly about: string;
  readonly source: string;
  readonly killedBy: string;
  /** The calls of the shortest attack. */
  readonly calls: readonly string[];
  /** The attack in full, and why its end is wrong. */
  readonly attack: readonly string[];
  /** The sentences that it violates. */
  readonly violated: readonly string[];
  readonly json: object;
}

/** Tries a mutant of a system in this thread. */
export async function tryNamed(request: TrialRequest, signal: AbortSignal): Promise<TrialReport> {
  const family = await familyNamed(request.system);
  const mutant = family.mutants.find(({ name }) => name === request.mutant);
  if (mutant === undefined)
    throw new CommandError(Exit.usage, `${family.name} has no mutant ${request.mutant}`);
  const trial = await tryMutant(family, mutant, {
    maxStates: request.maxStates,
    stopAtShortest: !request.isWhole,
    signal,
  });
  const { killers, verdict } = trial;
  const killer = bestKiller(trial) ?? trial.difference;
  const { name, about, source } = mutant;
  return {
    verdict,
    name,
    about,
    source,
    killedBy: [...new Set(killers.map(({ name: by }) => by))].join(' '),
    calls: killer?.attack?.steps.map(showCall) ?? [],
    attack: killer?.attack === undefined ? [] : [...traceLines(killer.attack), `  why     ${killer.why}`],
    violated: killers.flatMap(({ property }) =>
      property === undefined || property.kind === 'sometimes' ? [] : property.name,
    ),
    json: {
      name,
      about,
      source,
      profile: trial.profile,
      verdict,
      label: verdict === 'undecided' ? 'partial' : 'this profile',
      killedBy: killers.map(({ name: by, property, why, attack }) => ({
        name: by,
        kind: property?.kind ?? by,
        ...(property === undefined ? {} : { property: property.name }),
        why,
        ...(attack === undefined ? {} : { length: attack.steps.length }),
      })),
      ...(killer?.attack === undefined ? {} : { attack: traceJson(killer.attack) }),
    },
  };
}
