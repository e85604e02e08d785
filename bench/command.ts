import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process used until it ended. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system time of the process and its children; `undefined` without GNU time. */
  readonly cpuSeconds: number | undefined;
  /** Most memory that was resident at once; `undefined` without GNU time. */
  readonly peakBytes: number | undefined;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cost: Cost;
}

const GNU_TIME = '/usr/bin/time';
const hasGnuTime = existsSync(GNU_TIME);

/** Whether a command is on this machine's path. */
export const isInstalled = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** A folder of its own, gone when `use` is through. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a command to its end, and measures it from outside. `keep` chooses the lines of its output that are kept. */
export function run(
  command: string,
  args: readonly string[],
  folder: string,
  keep: (line: string) => boolean = () => true,
): Promise<Ended> {
  const costFile = join(folder, 'cost');
  const [program, all] = hasGnuTime
    ? [GNU_TIME, ['-q', '-f', '%U %S %M', '-o', costFile, command, ...args]]
    : [command, [...args]];
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, all, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = lines(keep);
    const errors = lines(() => true);
    child.stdout.setEncoding('utf8').on('data', output.add);
    child.stderr.setEncoding('utf8').on('data', errors.add);
    child.on('error', reject);
    child.on('close', code => {
      const wallSeconds = (performance.now() - started) / 1000;
      const cost = { wallSeconds, ...costFrom(costFile) };
      resolve({ code: code ?? -1, stdout: output.text(), stderr: errors.text(), cost });
    });
  });
}

/** Collects lines as they come, so that what nobody wants is never held. */
function lines(keep: (line: string) => boolean): { add(text: string): void; text(): string } {
  const kept: string[] = [];
  let rest = '';
  return {
    add: text => {
      const pieces = (rest + text).split('\n');
      rest = pieces.pop() ?? '';
      kept.push(...pieces.filter(keep));
    },
    text: () => [...kept, ...(rest !== '' && keep(rest) ? [rest] : [])].join('\n'),
  };
}

function costFrom(file: string): Pick<Cost, 'cpuSeconds' | 'peakBytes'> {
  if (!hasGnuTime) return { cpuSeconds: undefined, peakBytes: undefined };
  const [user = NaN, system = NaN, kilobytes = NaN] = readFileSync(file, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  return { cpuSeconds: user + system, peakBytes: kilobytes * 1024 };
}
