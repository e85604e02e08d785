import type { Case } from './report.ts';

type Open = (rule: string, message: string, line?: number) => Case;

/** What keeps a file from being judged whole. */
export const opener =
  (file: string): Open =>
  (rule, message, line) => ({
    suite: file,
    rule,
    name: 'every line is understood and checked',
    outcome: 'unknown',
    message,
    place: { file, ...(line === undefined ? {} : { line }) },
  });

/** One case for all that is as it must be. */
export const passed = (file: string, count: number, what: string): readonly Case[] =>
  count === 0 ? [] : [{ suite: file, rule: 'allowed', name: `${count} ${what}`, outcome: 'passed' }];

/** One case for all that is forbidden and not listed. */
export const more = (file: string, count: number, what: string): readonly Case[] =>
  count > 0 ? [{ ...opener(file)('more', `${count} more ${what} are forbidden`), outcome: 'failed' }] : [];
