import { Command } from 'commander';
import { conformanceCommand } from './live/conformance.ts';
import { traceCommand } from './live/trace.ts';

/** The command `live`: what is asked of a machine over time, and not of one stopped moment. */
export const liveCommand = (): Command =>
  new Command('live')
    .description('Follows pKVM on a machine that runs, over its GDB stub')
    .addCommand(traceCommand())
    .addCommand(conformanceCommand());
