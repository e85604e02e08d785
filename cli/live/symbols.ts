import { readFileSync } from 'node:fs';
import { type KernelSymbols, readKernelSymbols } from '../../evidence/live/index.ts';
import { CommandError, Exit } from '../exit.ts';

/** The symbols in a file. */
export function symbolsIn(file: string): KernelSymbols {
  const symbols = readKernelSymbols(read(file));
  if (symbols === undefined)
    throw new CommandError(
      Exit.badInput,
      `${file}: expected lines of /proc/kallsyms with _text, and of /proc/iomem with "Kernel code"`,
    );
  return symbols;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(Exit.badInput, error instanceof Error ? error.message : String(error));
  }
}
