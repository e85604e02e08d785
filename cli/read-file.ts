import { readFileSync } from 'node:fs';
import { CommandError, Exit } from './exit.ts';

/** The bytes of a file; `-` is standard input. @throws CommandError (bad input) naming the file, where it cannot be read */
export function bytesIn(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CommandError(
      Exit.badInput,
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The same as text in UTF-8. */
export const textIn = (file: string): string => bytesIn(file).toString('utf8');
