import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, isThere, NotToBeHad } from '../programs.ts';

/** What is run here, and the package of each. */
const needs: readonly (readonly [string, () => boolean, string])[] = [
  ['bochs', () => isThere('bochs'), 'bochs'],
  ['its BIOS', () => existsSync('/usr/share/bochs/BIOS-bochs-latest'), 'bochsbios'],
  ['its VGA BIOS', () => existsSync('/usr/share/bochs/VGABIOS-lgpl-latest'), 'vgabios'],
  ['gcc', () => isThere('gcc'), 'gcc'],
  ['ld', () => isThere('ld'), 'binutils'],
];

/** Installs what is missing; needs root where something is. @throws NotToBeHad */
export function installBochs(): void {
  install(needs.filter(([, isHere]) => !isHere()).map(([, , name]) => name));
  const missing = needs.find(([, isHere]) => !isHere());
  if (missing !== undefined) throw new NotToBeHad(`${missing[0]} is not here, and no package brings it`);
}

/** What the machine printed, and the version that it says it is. */
export interface BochsRun {
  readonly version: string;
  readonly lines: readonly string[];
}

/** Has a folder's settings name another processor. */
export function chooseProcessor(folder: string, cpu: string): void {
  const settings = readFileSync(join(folder, 'bochsrc'), 'utf8').replace(/model=\w+/, `model=${cpu}`);
  writeFileSync(join(folder, 'bochsrc'), settings);
}

/** Boots the image in a folder and waits until it powers off. @throws NotToBeHad where it never says a word */
export async function runBochs(folder: string, timeoutMs: number): Promise<BochsRun> {
  writeFileSync(join(folder, 'continue'), 'c\n');
  const child = spawn('bochs', ['-q', '-f', 'bochsrc', '-rc', 'continue'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const timer = setTimeout(kill, timeoutMs);
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', error => {
      reject(new NotToBeHad(`bochs: ${error.message}`));
    });
  });
  clearTimeout(timer);
  process.off('exit', kill);
  const version = /Bochs x86 Emulator (\d+(?:\.\d+)+)/.exec(text)?.[1];
  if (version === undefined) throw new NotToBeHad(`bochs said nothing: ${lastLogLine(folder)}`);
  return { version, lines: text.split('\n') };
}

function lastLogLine(folder: string): string {
  const file = join(folder, 'bochs.log');
  return existsSync(file) ? (readFileSync(file, 'latin1').trim().split('\n').at(-1) ?? '') : 'no log';
}
