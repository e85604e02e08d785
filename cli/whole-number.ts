import { InvalidArgumentError } from 'commander';

/** The value of an option that counts something. @throws InvalidArgumentError for what is no whole number of at least 1 */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('expected a whole number of at least 1.');
  }
  return value;
}
