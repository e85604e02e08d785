import { execFile } from 'node:child_process';
import { join } from 'node:path';

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
