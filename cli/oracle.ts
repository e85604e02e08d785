import { Command } from 'commander';
import { auditCommand } from './audit.ts';
import { decodeCommand } from './decode.ts';
import { schemaCommand } from './schema.ts';
import { vectorsCommand } from './vectors.ts';
import { suiteCommand } from './suite.ts';
import { checkCommand } from './oracle/check.ts';
import { serveCommand } from './oracle/serve.ts';

/** The command `oracle`. */
const oracleCommand = (): Command =>
  new Command('oracle')
    .description('Holds what an implementation did against the specification: live, or from a trace')
    .addCommand(serveCommand().exitOverride())
    .addCommand(checkCommand().exitOverride());

/** The oracle's commands, in the order in which `--help` lists them. */
export const oracleCommands: readonly (() => Command)[] = [
  oracleCommand,
  auditCommand,
  decodeCommand,
  suiteCommand,
  vectorsCommand,
  schemaCommand,
];
