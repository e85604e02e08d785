import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a person does. `npm test` builds first. */
export const pagewarden = (...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    const child = execFile(
      process.execPath,
      [join(root, 'dist/cli/pagewarden.js'), ...args],
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(child.exitCode ?? -1), stdout, stderr });
      },
    );
  });

/** The same with this text, or these bytes, on its standard input. */
export const pagewardenFed = (input: string | Uint8Array, ...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, 'dist/cli/pagewarden.js'), ...args], { cwd: root });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', chunk => (stdout += String(chunk)));
    child.stderr.on('data', chunk => (stderr += String(chunk)));
    child.stdin.on('error', () => {}); // it may end before it has read everything
    child.stdin.end(input);
    child.on('close', code => resolve({ code: code ?? -1, stdout, stderr }));
  });

/**
 * Runs the built command and presses Ctrl-C as soon as it listens for that, however long it takes to start.
 *
 * @returns its exit code, or -1 where the signal killed it
 */
export const interrupted = (...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    const preload = pathToFileURL(join(import.meta.dirname, 'tell-of-listener.mjs')).href;
    const child = spawn(
      process.execPath,
      ['--import', preload, join(root, 'dist/cli/pagewarden.js'), ...args],
      { cwd: root, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', chunk => (stdout += String(chunk)));
    child.stderr?.on('data', chunk => (stderr += String(chunk)));
    child.stdio[3]?.once('data', () => child.kill('SIGINT'));
    child.on('close', code => resolve({ code: code ?? -1, stdout, stderr }));
  });

/**
 * The built command, run in a folder as often as asked, one after the other in one process. Commands that load a
 * person's own TypeScript do so in a tenth of the time.
 */
export function inOneProcess(cwd: string): { run(...args: string[]): Promise<Ended>; end(): void } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'many-runs.mjs')], {
    cwd,
    stdio: ['pipe', 'inherit', 'inherit', 'pipe'],
  });
  const answers = child.stdio[3];
  if (!(answers instanceof Readable)) throw new Error('file descriptor 3 is no pipe');
  const lines = createInterface({ input: answers })[Symbol.asyncIterator]();
  return {
    async run(...args) {
      child.stdin?.write(`${JSON.stringify(args)}\n`);
      const { value } = await lines.next();
      return JSON.parse(String(value)) as Ended;
    },
    end: () => void child.stdin?.end(),
  };
}
