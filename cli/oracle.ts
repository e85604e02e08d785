import { Command } from 'commander';
import { checkCommand } from './oracle/check.ts';
import { ringCommand } from './oracle/ring.ts';
import { serveCommand } from './oracle/serve.ts';

/** The command `oracle`. */
export const oracleCommand = (): Command =>
  new Command('oracle')
    .description('Holds what an implementation did against the specification: live, or from a trace')
    .addCommand(serveCommand().exitOverride())
    .addCommand(checkCommand().exitOverride())
    .addCommand(ringCommand().exitOverride());
