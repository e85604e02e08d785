import {
  type Exploration,
  explore,
  type ExploreOptions,
  type Property,
  type Trace,
} from '../checker/index.ts';
import { comparedWith } from './equivalence.ts';
import type { Mutant, Profile, SystemFamily } from './system.ts';

/** What kills a mutant: a property it violates or does not reach, the twin, or a deadlock. */
export interface Killer {
  readonly name: string;
  readonly property?: Property;
  /** The shortest way there; none for a `sometimes` that is no longer reached. */
  readonly attack?: Trace;
  readonly why: string;
}

/**
 * `killed`: something tells it from the specification. `equivalent`: every distinct step is the same, proved by
 * comparing them. `survived`: a step differs and nothing noticed. `undecided`: a bound was hit first.
 */
export interface Trial {
  readonly mutant: Mutant;
  readonly profile: string;
  readonly verdict: 'killed' | 'equivalent' | 'survived' | 'undecided';
  readonly killers: readonly Killer[];
  /** Where a survivor first differs. */
  readonly difference?: Killer;
}

function killersOf(found: Exploration): Killer[] {
  const properties = found.properties.flatMap((outcome): Killer[] => {
    const { property } = outcome;
    const name = property.id ?? property.kind;
    if (outcome.verdict === 'violated') {
      const about = outcome.about === '' ? '' : `${outcome.about}: `;
      return [{ name, property, attack: outcome.trace, why: about + outcome.why }];
    }
    return outcome.verdict === 'not reached' ? [{ name, property, why: `never: ${property.name}` }] : [];
  });
  const { disagreement } = found.twin ?? {};
  const twin =
    disagreement === undefined ? [] : [{ name: 'twin', attack: disagreement.trace, why: disagreement.why }];
  const { trace } = found.deadlock;
  return [
    ...properties,
    ...twin,
    ...(trace === undefined ? [] : [{ name: 'deadlock', attack: trace, why: 'no way on' }]),
  ];
}

export const profileOf = (family: SystemFamily, mutant: Mutant): Profile => {
  const name = mutant.profile ?? family.mutantProfile;
  const profile = family.profiles.find(known => known.name === name);
  if (profile === undefined) throw new Error(`${family.name}: mutant ${mutant.name} names profile ${name}`);
  return profile;
};

/** Tries one mutant: explores it, and where nothing is found compares every distinct step with the specification. */
export async function tryMutant(
  family: SystemFamily,
  mutant: Mutant,
  options: ExploreOptions,
): Promise<Trial> {
  const profile = profileOf(family, mutant);
  const broken = family.build(profile.parameters, mutant.name);
  const found = await explore(broken, options);
  const killers = killersOf(found);
  const base = { mutant, profile: profile.name, killers };
  if (killers.length > 0) return { ...base, verdict: 'killed' };
  if (found.bound !== undefined) return { ...base, verdict: 'undecided' };
  const pair = comparedWith(family.build(profile.parameters), broken);
  if (pair === undefined) return { ...base, verdict: 'survived' };
  const compared = await explore(pair, options);
  const { disagreement } = compared.twin ?? {};
  if (disagreement !== undefined) {
    const difference = { name: 'difference', attack: disagreement.trace, why: disagreement.why };
    return { ...base, verdict: 'survived', difference };
  }
  return { ...base, verdict: compared.bound === undefined ? 'equivalent' : 'undecided' };
}

/** The killer with the shortest attack, properties before the twin: what the table shows first. */
export function bestKiller({ killers }: Trial): Killer | undefined {
  const length = ({ attack }: Killer): number => attack?.steps.length ?? Number.POSITIVE_INFINITY;
  const properties = killers.filter(
    ({ property, attack }) => property !== undefined && attack !== undefined,
  );
  const candidates = properties.length > 0 ? properties : killers;
  return [...candidates].sort((one, other) => length(one) - length(other))[0];
}
