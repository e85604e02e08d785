import { loadSystem, systemNames } from '../systems/registry.ts';
import { nameProblem, valueProblem } from '../systems/size.ts';
import type { Parameter, Parameters, Profile, SystemFamily } from '../systems/system.ts';
import { didYouMean } from './did-you-mean.ts';
import { CommandError, Exit } from './exit.ts';
import { isPath } from './own-system/is-path.ts';

/** One thing to check: a system at a size. */
export interface Choice {
  readonly family: SystemFamily;
  /** The profile's name, or `custom` where `--set` chose the size. */
  readonly profile: string;
  readonly about: string;
  readonly parameters: Parameters;
  readonly pinned?: Profile['pinned'];
  /** The revision of the code, where another one was asked for than the profile's. */
  readonly revision?: string;
}

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

/** A system of ours by its name, or a person's own by the path of its module. @throws CommandError for neither */
export async function familyNamed(name: string): Promise<SystemFamily> {
  if (isPath(name)) return (await import('./own-system/load.ts')).loadOwnSystem(name);
  const family = await loadSystem(name);
  if (family === undefined)
    throw usage(
      `there is no system ${name}; there are ${systemNames.join(', ')}${didYouMean(name, systemNames)}`,
    );
  return family;
}

/** The systems of these names, and all of them where nothing is named. @throws CommandError as above */
export const familiesNamed = (names: readonly string[]): Promise<SystemFamily[]> =>
  Promise.all((names.length === 0 ? systemNames : names).map(familyNamed));

function profileNamed(family: SystemFamily, name: string): Profile {
  const bare = name.startsWith(`${family.name}/`) ? name.slice(family.name.length + 1) : name;
  const profile = family.profiles.find(known => known.name === bare);
  if (profile === undefined) {
    const known = family.profiles.map(({ name: other }) => other);
    throw usage(
      `${family.name} has no profile ${name}; it has ${known.join(', ')}${didYouMean(bare, known)}`,
    );
  }
  return profile;
}

/** A number or a word, as it is typed. A word that is one of the parameter's is never taken for a number. */
const typed = ({ words = [] }: Parameter, text: string): number | string => {
  const isNumber = text.trim() !== '' && !words.includes(text) && !Number.isNaN(Number(text));
  return isNumber ? Number(text) : text;
};

/** Reads `pages=2,gpas=own`. @throws CommandError naming the parameter and what was expected of it. */
function parametersFrom(family: SystemFamily, text: string): Parameters {
  const given: Record<string, number | string> = {};
  for (const part of text.split(',').filter(piece => piece !== '')) {
    const [name = '', ...rest] = part.split('=');
    const parameter = family.parameters.find(known => known.name === name);
    const known = family.parameters.map(({ name: other }) => other).join(', ') || 'no parameters';
    if (rest.length !== 1) throw usage(`--set ${part}: expected NAME=VALUE; ${family.name} has ${known}`);
    if (parameter === undefined)
      throw usage(`--set ${part}: ${family.name} has ${nameProblem(family.parameters, name)}`);
    if (name in given) throw usage(`--set ${part}: ${name} is given twice`);
    const value = typed(parameter, rest[0] ?? '');
    const problem = valueProblem(parameter, value);
    if (problem !== undefined) throw usage(problem);
    given[name] = value;
  }
  return given;
}

/** Every parameter as it is where nobody chooses it. */
const initialOf = ({ parameters }: SystemFamily): Parameters =>
  Object.fromEntries(
    parameters.flatMap(({ name, initial }) => (initial === undefined ? [] : [[name, initial] as const])),
  );

/** A whole size as `--set` takes it. */
export const sizeText = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** @throws CommandError where the system has no such mutant. */
export function assertHasMutant({ name, mutants }: SystemFamily, mutant: string | undefined): void {
  const known = mutants.map(({ name: other }) => other);
  if (mutant !== undefined && !known.includes(mutant))
    throw usage(
      `${name} has no mutant ${mutant}; pagewarden list ${name} names them${didYouMean(mutant, known)}`,
    );
}

export interface ChoiceOptions {
  readonly profile?: string;
  readonly set?: string;
  readonly revision?: string;
}

/** @throws CommandError where the system has no such revision of the code. */
function assertHasRevision({ name, parameters }: SystemFamily, revision: string): void {
  const known = parameters.find(parameter => parameter.name === 'revision')?.words ?? [];
  if (known.length === 0) throw usage(`--revision: ${name} has one revision only`);
  if (!known.includes(revision))
    throw usage(
      `${name} has no revision ${revision}; it has ${known.join(', ')}${didYouMean(revision, known)}`,
    );
}

/** What the arguments of `check` name: every default profile of every system where they name nothing. */
export async function choicesFrom(
  names: readonly string[],
  { profile, set, revision }: ChoiceOptions,
): Promise<readonly Choice[]> {
  const families = await familiesNamed(names);
  if ((profile ?? set ?? revision) !== undefined && names.length !== 1)
    throw usage('--profile, --set and --revision need the name of one system');
  if (set !== undefined && revision !== undefined)
    throw usage('--set and --revision: write --set revision=NAME,…');
  return families.flatMap(family => {
    const named = profile === undefined ? undefined : profileNamed(family, profile);
    if (set !== undefined) {
      const parameters = {
        ...initialOf(family),
        ...named?.parameters,
        ...parametersFrom(family, set),
      };
      return [{ family, profile: 'custom', about: sizeText(parameters), parameters }];
    }
    if (revision !== undefined) assertHasRevision(family, revision);
    const profiles = named === undefined ? family.profiles.filter(({ isDefault }) => isDefault) : [named];
    return profiles.map(({ name, about, parameters, pinned }) => ({
      family,
      profile: name,
      about,
      parameters,
      ...(pinned && revision === undefined ? { pinned } : {}),
      ...(revision === undefined ? {} : { revision, parameters: { ...parameters, revision } }),
    }));
  });
}

/** Builds the system; a size that makes no sense is a usage error. */
export function systemOf(
  { family, parameters }: Choice,
  mutant?: string,
): ReturnType<SystemFamily['build']> {
  assertHasMutant(family, mutant);
  try {
    return family.build(parameters, mutant);
  } catch (error) {
    if (error instanceof RangeError) throw usage(`${family.name}: ${error.message}`);
    throw error;
  }
}
