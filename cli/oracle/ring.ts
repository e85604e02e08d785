import { Command } from 'commander';
import { ringLines } from '../../evidence/logs/ring.ts';
import { loggedCalls } from '../../suites/snippet.ts';
import { CommandError, Exit } from '../exit.ts';
import { bytesIn } from '../read-file.ts';

export const ringCommand = (): Command =>
  new Command('ring')
    .description(
      'Prints the ring of records that "oracle check --snippet ring" writes, as the lines of a log',
    )
    .argument('<file>', 'the memory of pagewarden_ring, or any dump that has it; - is standard input')
    .addHelpText(
      'after',
      '\nUse: pagewarden oracle ring ring.bin | pagewarden oracle check - --implementation x86-2026',
    )
    .action((file: string) => {
      const lines = ringLines(bytesIn(file), loggedCalls);
      if (typeof lines === 'string') throw new CommandError(Exit.badInput, `${file}: ${lines}`);
      for (const line of lines) console.log(line);
    });
