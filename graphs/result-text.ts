import type { Result } from '../checker/index.ts';

/** The errnos that any of our calls returns, by the kernel's numbers. */
const errnoNames: Readonly<Record<number, string>> = {
  [-1]: '-EPERM',
  [-2]: '-ENOENT',
  [-12]: '-ENOMEM',
  [-14]: '-EFAULT',
  [-16]: '-EBUSY',
  [-19]: '-ENODEV',
  [-22]: '-EINVAL',
};

/** What a call returned as a person writes it: `-EPERM` for -1; other results as they are. */
export const resultText = (result: Result): string =>
  typeof result === 'number' ? (errnoNames[result] ?? String(result)) : result;
