import type { Sized, SizedSort, System } from '../checker/index.ts';
import { parametersOf, readSize, type SizeOf, type SizeParameters } from './size.ts';
import type { Mutant, Parameters, Profile, SystemFamily } from './system.ts';

/** What a system is at one size: everything but its name. */
export type SystemParts = Omit<System, 'name'>;

/** How members are numbered: one after the other, or by what a mask that is too narrow takes for one another. */
export type Ids = 'plain' | 'adversarial';

/** What `system` is given: one object, from which a command and a library have all that they ask of a system. */
export interface SystemDefinition<P extends SizeParameters, F extends Mutant> {
  readonly name: string;
  /** One sentence: what it is about, and where that is written. */
  readonly about: string;
  /** What a size is made of: `{ pages: count(1, 12, 'RAM pages') }`. */
  readonly size: P;
  /** Why a size makes no sense although each of its numbers is in range; `undefined` where it does. */
  readonly refuse?: (size: SizeOf<P>) => string | undefined;
  /** The first one that runs by default comes first. */
  readonly profiles: readonly Profile[];
  /** What can be wrong with it, each by a name. */
  readonly faults?: readonly F[];
  /** The profile in which faults are tried unless they name another; the first where left out. */
  readonly faultProfile?: string;
  /** The profile whose options are proven for every size unless another is named; the first by default where left out. */
  readonly proofProfile?: string;
  /**
   * The sorts of its members, each counted by the parameter of its name: what makes a proof for every size possible.
   * The parts then say what they are made of (`sorts`). No sorts: what such a size has is of one size only.
   */
  readonly sorts?: (size: SizeOf<P>) => readonly (SizedSort & { readonly name: keyof P & string })[];
  /** Passes in which a proof of it may still strengthen its candidate, where it needs more than others. */
  readonly proofPasses?: number;
  /** Why it has no members to count, where it has none: then its profiles are all that there is. One sentence. */
  readonly finite?: string;
  /**
   * The system of a size with these faults put in: at most one, as the checker tries them. With `adversarial` ids its
   * members have those that a fault is likeliest to confuse, and a size may be beyond the range of its parameters.
   */
  readonly build: (size: SizeOf<P>, faults: readonly F[], ids: Ids) => SystemParts;
}

/** A system that was defined: also its sizes, for whoever builds a part of it. */
export interface DefinedSystem<P extends SizeParameters> extends SystemFamily {
  /** @throws RangeError naming the parameter that is unknown, out of range or makes no sense. */
  sizeOf(parameters: Parameters): SizeOf<P>;
}

const twice = (names: readonly string[]): string | undefined =>
  names.find((name, at) => names.indexOf(name) !== at);

/** What is wrong with a definition before any of its systems is built. */
function definitionProblem(
  {
    profiles,
    faults = [],
    faultProfile,
    proofProfile,
  }: Pick<
    SystemDefinition<SizeParameters, Mutant>,
    'profiles' | 'faults' | 'faultProfile' | 'proofProfile'
  >,
  sizeOf: (parameters: Parameters) => unknown,
): string | undefined {
  const names = profiles.map(({ name }) => name);
  const doubled = twice(names) ?? twice(faults.map(({ name }) => name));
  if (doubled !== undefined) return `${doubled} is defined twice`;
  if (!profiles.some(({ isDefault }) => isDefault)) return 'no profile runs by default';
  if (faultProfile !== undefined && !names.includes(faultProfile))
    return `faultProfile is ${faultProfile}, which is no profile`;
  if (proofProfile !== undefined && !names.includes(proofProfile))
    return `proofProfile is ${proofProfile}, which is no profile`;
  const astray = faults.find(({ profile }) => profile !== undefined && !names.includes(profile));
  if (astray !== undefined) return `fault ${astray.name} names ${astray.profile}, which is no profile`;
  for (const { name, parameters } of profiles) {
    try {
      sizeOf(parameters);
    } catch (error) {
      if (error instanceof RangeError) return `profile ${name}: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}

/**
 * A system at every size: what a folder of `systems/`, and a module of your own, exports.
 *
 * @throws RangeError for a definition that contradicts itself: a name twice, a profile out of range.
 */
export function system<P extends SizeParameters, F extends Mutant = Mutant>(
  definition: SystemDefinition<P, F>,
): DefinedSystem<P> {
  const { name, about, size: spec, refuse, profiles, faults = [], build, sorts } = definition;
  const sizeOf = (parameters: Parameters): SizeOf<P> => {
    const size = readSize(name, spec, parameters);
    const refusal = refuse?.(size);
    if (refusal !== undefined) throw new RangeError(refusal);
    return size;
  };
  const chosen = (mutant: string | undefined): readonly F[] => {
    if (mutant === undefined) return [];
    const found = faults.find(fault => fault.name === mutant);
    if (found === undefined) throw new RangeError(`${name} has no mutant ${mutant}`);
    return [found];
  };
  const problem = definitionProblem(definition, sizeOf);
  if (problem !== undefined) throw new RangeError(`${name}: ${problem}`);
  return {
    name,
    about,
    parameters: parametersOf(spec),
    profiles,
    mutants: faults,
    ...(definition.finite === undefined ? {} : { finite: definition.finite }),
    mutantProfile: definition.faultProfile ?? profiles[0]?.name ?? '',
    proofProfile: definition.proofProfile ?? profiles.find(({ isDefault }) => isDefault)?.name ?? '',
    sizeOf,
    build: (parameters, mutant) => ({ ...build(sizeOf(parameters), chosen(mutant), 'plain'), name }),
    ...(sorts === undefined
      ? {}
      : {
          sized: (parameters: Parameters, mutant?: string): Sized | undefined => {
            const [size, put] = [sizeOf(parameters), chosen(mutant)];
            const members = sorts(size);
            if (members.length === 0) return undefined;
            return {
              name,
              sorts: members,
              ...(definition.proofPasses === undefined ? {} : { passes: definition.proofPasses }),
              build: counts => ({ ...build({ ...size, ...counts }, put, 'adversarial'), name }),
            };
          },
        }),
  };
}
