import { createRequire } from 'node:module';
import { Command } from 'commander';
import { exitMeanings } from './exit.ts';
import { releaseInterruption } from './interruption.ts';

/**
 * One module a subcommand, by its name and in the order in which `--help` lists them. Most of them stand on much of
 * the model, so a module is loaded where its command is asked for.
 */
export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['check', async () => (await import('./check.ts')).checkCommand()],
  ['prove', async () => (await import('./prove.ts')).proveCommand()],
  ['mutants', async () => (await import('./mutants.ts')).mutantsCommand()],
  ['list', async () => (await import('./list.ts')).listCommand()],
  ['why', async () => (await import('./why.ts')).whyCommand()],
  ['read', async () => (await import('./read.ts')).readCommand()],
  ['walk', async () => (await import('./walk.ts')).walkCommand()],
  ['explain', async () => (await import('./explain.ts')).explainCommand()],
  ['layout', async () => (await import('./layout.ts')).layoutCommand()],
  ['graph', async () => (await import('./graph.ts')).graphCommand()],
  ['export', async () => (await import('./export.ts')).exportCommand()],
  ['replay', async () => (await import('./replay.ts')).replayCommand()],
  ['new', async () => (await import('./new.ts')).newCommand()],
  ['explore', async () => (await import('./explore.ts')).exploreCommand()],
  ['oracle', async () => (await import('./oracle.ts')).oracleCommand()],
  ['audit', async () => (await import('./audit.ts')).auditCommand()],
  ['decode', async () => (await import('./decode.ts')).decodeCommand()],
  ['live', async () => (await import('./live.ts')).liveCommand()],
  ['suite', async () => (await import('./suite.ts')).suiteCommand()],
  ['vectors', async () => (await import('./vectors.ts')).vectorsCommand()],
  ['schema', async () => (await import('./schema.ts')).schemaCommand()],
]);

const exitCodes = `
Exit codes:
${exitMeanings.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join('\n')}

With --json a command that cannot do its work prints {"error", "exit"}.`;

const versionFlag = '--version';

/** A command and those below it speak with one voice, and leave to `pagewarden.ts` how they end. */
function adopted(command: Command): Command {
  for (const below of command.commands) adopted(below);
  return command.exitOverride().configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'pagewarden: ')),
  });
}

/** The package knows itself by name, from the sources and from the build alike. */
function ownVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('pagewarden/package.json');
  return version;
}

/** The subcommands that these arguments need: all of them where none is named, as for `--help` or a misspelt name. */
function neededFor([first = '']: readonly string[]): Promise<Command[]> {
  const named = commands.get(first);
  const needed = first === versionFlag ? [] : named === undefined ? [...commands.values()] : [named];
  return Promise.all(needed.map(load => load()));
}

/** The command with the subcommands that these arguments need, not run yet. */
export async function program(args: readonly string[]): Promise<Command> {
  const root = new Command('pagewarden')
    .description(
      'pKVM page ownership and EPT sub-page write permissions: specification, model checker, oracle',
    )
    .version(ownVersion(), versionFlag, 'the version of pagewarden')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', exitCodes)
    // a command takes the signals at once or not at all
    .hook('preAction', () => void setImmediate(releaseInterruption));
  adopted(root);
  for (const command of await neededFor(args))
    root.addCommand(adopted(command).addHelpText('after', '\nExit codes: pagewarden --help'));
  return root;
}

/**
 * Runs the `pagewarden` command: one file a subcommand.
 *
 * @param args what follows the command's name
 */
export async function run(args: readonly string[]): Promise<void> {
  await (await program(args)).parseAsync(args, { from: 'user' });
}
