import { createRequire } from 'node:module';
import { Command } from 'commander';
import { z } from 'zod';
import { checkCommand } from './check.ts';
import { exitMeanings } from './exit.ts';
import { oracleCommands } from './oracle.ts';
import { exportCommand } from './export.ts';
import { explainCommand } from './explain.ts';
import { exploreCommand } from './explore.ts';
import { graphCommand } from './graph.ts';
import { listCommand } from './list.ts';
import { mutantsCommand } from './mutants.ts';
import { layoutCommand } from './layout.ts';
import { replayCommand } from './replay.ts';
import { walkCommand } from './walk.ts';

/** The package knows itself by name, from the sources and from the build alike. */
const { version } = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('pagewarden/package.json'));

const exitCodes = `
Exit codes:
${exitMeanings.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join('\n')}

With --json a command that cannot do its work prints {"error", "exit"}.`;

/** The `pagewarden` command: one file a subcommand. */
export function program(): Command {
  const root = new Command('pagewarden')
    .description(
      'pKVM page ownership and EPT sub-page write permissions: specification, model checker, oracle',
    )
    .version(version, '--version', 'the version of pagewarden')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', exitCodes);
  for (const command of commands) root.addCommand(command().exitOverride().addHelpText('after', exitCodes));
  return root;
}

/** One maker a subcommand, in the order in which `--help` lists them. */
const commands: readonly (() => Command)[] = [
  checkCommand,
  mutantsCommand,
  listCommand,
  walkCommand,
  explainCommand,
  layoutCommand,
  graphCommand,
  exportCommand,
  replayCommand,
  exploreCommand,
  ...oracleCommands,
];
