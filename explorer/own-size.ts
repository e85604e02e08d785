import type { Parameter, Parameters, Profile, SystemFamily } from '../systems/index.ts';

/** A value as it is typed: a number, unless it is one of the parameter's words. */
const typed = ({ words = [] }: Pick<Parameter, 'words'>, text: string): number | string =>
  words.includes(text) || !/^\d+$/.test(text) ? text : Number(text);

/** The size of `pages=2,gpas=own`. Whether it makes sense, the system says when it is built. */
function parametersFrom(family: SystemFamily, text: string): Parameters {
  return Object.fromEntries(
    text.split(',').map(part => {
      const [name = '', value = ''] = part.split('=');
      return [name, typed(family.parameters.find(known => known.name === name) ?? {}, value)];
    }),
  );
}

/** The size as `set` has it. */
export const setText = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** A profile with what `set` changes of it, as a profile of its own; the profile itself where that makes no sense. */
export function sizeWith(
  family: SystemFamily,
  profile: Profile,
  set: string | undefined,
): { readonly profile: Profile; readonly problem?: string } {
  if (set === undefined) return { profile };
  const parameters = { ...profile.parameters, ...parametersFrom(family, set) };
  try {
    family.build(parameters);
  } catch (error) {
    if (error instanceof RangeError) return { profile, problem: error.message };
    throw error;
  }
  return { profile: { name: 'custom', about: setText(parameters), parameters, isDefault: false } };
}
