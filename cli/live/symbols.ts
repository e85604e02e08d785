import { type KernelSymbols, readKernelSymbols } from '../../evidence/live/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { textIn } from '../read-file.ts';

/** The symbols in a file. */
export function symbolsIn(file: string): KernelSymbols {
  const symbols = readKernelSymbols(textIn(file));
  if (symbols === undefined)
    throw new CommandError(
      Exit.badInput,
      `${file}: expected lines of /proc/kallsyms with _text, and of /proc/iomem with "Kernel code"`,
    );
  return symbols;
}
