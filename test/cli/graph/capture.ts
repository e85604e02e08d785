import { vi } from 'vitest';
import { CommandError } from '../../../cli/exit.ts';
import { run } from '../../../cli/program.ts';

/** What a run of the command printed, and how it ended. */
export interface Ran {
  readonly out: string;
  readonly code: number;
  /** The one line of a command that ends with an error of ours. */
  readonly error: string;
}

/** Runs the command in this process and catches what it prints. */
export async function pagewarden(...args: string[]): Promise<Ran> {
  let out = '';
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    out += String(chunk);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(args);
    return { out, code: Number(process.exitCode), error: '' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { out, code: error.code, error: error.message };
  } finally {
    process.exitCode = before;
    log.mockRestore();
    write.mockRestore();
  }
}
