import { InvalidArgumentError } from 'commander';

/** For an option that says one thing: given twice it is refused, where the last would win in silence. */
export function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError(`It is given twice; ${before} comes before.`);
  return value;
}
