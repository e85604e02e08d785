import type { Parameter, Parameters } from './system.ts';

/** One number or choice that a size is made of: its range, its value where it is not given, what it is as a value. */
export interface SizeParameter<V> extends Omit<Parameter, 'name'> {
  /** Where it is not given. */
  readonly initial: number | string;
  /** What a number or word that is in range means to the system. */
  readonly valueOf: (given: number | string) => V;
}

/** The parameters of a system's size, by name, in the order in which people read them. */
export type SizeParameters = Readonly<Record<string, SizeParameter<unknown>>>;

/** A size as the system is built from it: every parameter, given or not. */
export type SizeOf<P extends SizeParameters> = {
  readonly [K in keyof P]: P[K] extends SizeParameter<infer V> ? V : never;
};

/** A whole number from `min` to `max`; `or` names a word that is accepted beside the numbers. */
export interface Count extends SizeParameter<number> {
  or<W extends string>(word: W): SizeParameter<number | W>;
}

/** So many of something: `count(1, 12, 'RAM pages')`. Where it is not given, `initial`; where that is not, `min`. */
export function count(min: number, max: number, about: string, initial: number = min): Count {
  const parameter = { about, min, max, initial };
  return {
    ...parameter,
    valueOf: Number,
    or: <W extends string>(word: W) => ({
      ...parameter,
      words: [word],
      valueOf: (given: number | string) => (given === word ? word : Number(given)),
    }),
  };
}

/** Something that is there or not: 1 or 0. Where it is not given, `initial`: not there. */
export const flag = (about: string, initial: 0 | 1 = 0): SizeParameter<boolean> => ({
  about,
  min: 0,
  max: 1,
  initial,
  valueOf: given => given === 1,
});

/** One of these words; the first where it is not given. */
export function oneOf<const W extends string>(words: readonly W[], about: string): SizeParameter<W> {
  const named = (given: number | string | undefined): W => {
    const found = words.find(word => word === given);
    if (found === undefined) throw new RangeError(`${String(given)} is none of ${words.join(', ')}`);
    return found;
  };
  return { about, min: 0, max: 0, words, initial: named(words[0]), valueOf: named };
}

/** What is expected of a parameter's value, for the one who gave another. */
function expected({ min, max, words = [] }: Omit<Parameter, 'name'>): string {
  const range = max > min ? [`a whole number from ${min} to ${max}`] : [];
  return [...range, ...words].join(' or ');
}

const isInRange = ({ min, max, words = [] }: Omit<Parameter, 'name'>, given: number | string): boolean =>
  typeof given === 'number'
    ? max > min && Number.isInteger(given) && given >= min && given <= max
    : words.includes(given);

/** What is wrong with a value of this parameter; `undefined` where it is in range. */
export const valueProblem = (parameter: Parameter, given: number | string): string | undefined =>
  isInRange(parameter, given) ? undefined : `${parameter.name}=${given}: expected ${expected(parameter)}`;

/** What is wrong with the name of a parameter; `undefined` where there is one of that name. */
export function nameProblem(parameters: readonly Parameter[], name: string): string | undefined {
  if (parameters.some(known => known.name === name)) return undefined;
  const known = parameters.map(parameter => parameter.name).join(', ') || 'no parameters';
  return `no parameter ${name}; it has ${known}`;
}

/** The size that these parameters choose. @throws RangeError naming the one that is unknown or out of range. */
export function readSize<P extends SizeParameters>(system: string, spec: P, given: Parameters): SizeOf<P> {
  const parameters = parametersOf(spec);
  for (const name of Object.keys(given)) {
    const problem = nameProblem(parameters, name);
    if (problem !== undefined) throw new RangeError(`${system} has ${problem}`);
  }
  const read = parameters.map(parameter => {
    const own = spec[parameter.name];
    const value = given[parameter.name] ?? own?.initial ?? parameter.min;
    const problem = valueProblem(parameter, value);
    if (problem !== undefined) throw new RangeError(problem);
    return [parameter.name, own?.valueOf(value)] as const;
  });
  return Object.fromEntries(read) as SizeOf<P>;
}

/** The parameters with their names, as the command lists them. */
export const parametersOf = (spec: SizeParameters): readonly Parameter[] =>
  Object.entries(spec).map(([name, { about, min, max, words, initial }]) => ({
    name,
    about,
    min,
    max,
    initial,
    ...(words === undefined ? {} : { words }),
  }));
