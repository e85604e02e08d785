import { spawnSync } from 'node:child_process';

/** Whether a command is on this machine's path. */
const isInstalled = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Says in one line which tests are skipped and what to install, and whether they are. */
export function missing(command: string, debianPackage: string): boolean {
  if (isInstalled(command)) return false;
  console.log(`skipped: no ${command} here (apt-get install ${debianPackage})`);
  return true;
}

/** Runs a tool over some text and gives what it printed. */
export function piped(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}
