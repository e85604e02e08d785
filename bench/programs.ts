import { spawnSync } from 'node:child_process';

/** Something that the run needs and that cannot be had here: the run ends with one line and the code for unknown. */
export class NotToBeHad extends Error {}

/** Runs a program to its end and returns what it printed. @throws NotToBeHad where it is not there or fails */
export function run(command: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (error !== undefined || status !== 0)
    throw new NotToBeHad(
      `${command} ${args.at(-1) ?? ''}: ${(error?.message ?? stderr).trim().split('\n').at(-1) ?? ''}`,
    );
  return stdout;
}

export const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

/** Installs packages by apt; needs root where there are any. */
export function install(packages: readonly string[]): void {
  if (packages.length === 0) return;
  run('apt-get', ['-qq', 'update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
}
