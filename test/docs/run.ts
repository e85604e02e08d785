import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { failureOf } from '../../cli/failure.ts';
import { run } from '../../cli/program.ts';
import { wordsOf } from './console.ts';
import { root } from './markdown.ts';

export interface Ended {
  readonly output: string;
  readonly code: number;
}

/** Runs `pagewarden` in this process: what it prints, and the code that it would end with. */
async function pagewarden(args: readonly string[]): Promise<Ended> {
  const printed: string[] = [];
  const note = (text: unknown): boolean => printed.push(String(text)) > 0;
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(text => void note(`${String(text)}\n`)),
    vi.spyOn(console, 'error').mockImplementation(text => void note(`${String(text)}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation(note),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await run(args);
    return { output: printed.join(''), code: Number(process.exitCode ?? 0) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== undefined && !failure.isPrinted) note(`pagewarden: ${failure.message}\n`);
    return { output: printed.join(''), code: failure?.code ?? 0 };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs the commands of one block, one after the other, `/tmp` being a folder that is theirs alone. */
export function blockRunner(): { run(command: string): Promise<Ended>; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-docs-'));
  const own = (text: string): string => text.replaceAll('/tmp/', `${folder}/`);
  const shell = (command: string): Ended => {
    const npx = `npx() { shift; node ${join(root, 'dist/cli/pagewarden.js')} "$@"; }\n`;
    try {
      const output = execFileSync('bash', ['-c', `${npx}set -o pipefail\n{ ${own(command)}\n} 2>&1`], {
        cwd: root,
      });
      return { output: String(output), code: 0 };
    } catch (error) {
      const { stdout, status } = error as { stdout: Buffer; status: number };
      return { output: String(stdout), code: status };
    }
  };
  return {
    run: async command => {
      const [first, second, ...args] = wordsOf(own(command));
      const isPlain = first === 'npx' && second === 'pagewarden' && !/[|><;&]/.test(command);
      const ended = isPlain
        ? await pagewarden(args)
        : first === 'cat' && second !== undefined && !/[|><]/.test(command)
          ? { output: readFileSync(second, 'utf8'), code: 0 }
          : shell(command);
      return { ...ended, output: ended.output.replaceAll(`${folder}/`, '/tmp/') };
    },
    end: () => rmSync(folder, { recursive: true }),
  };
}
