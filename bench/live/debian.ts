import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, isThere, NotToBeHad, run } from '../programs.ts';

/** What is booted. */
export interface Arm64Kernel {
  /** The package's version of the kernel: `7.3.4+deb13-cloud-arm64`. */
  readonly version: string;
  readonly image: string;
  readonly busybox: string;
}

/** The programs that are run here, and the package of each. */
const programs = [
  ['qemu-system-aarch64', 'qemu-system-arm'],
  ['aarch64-linux-gnu-gcc', 'gcc-aarch64-linux-gnu'],
] as const;

/** Installs what is missing; needs root where something is. */
export function installPrograms(): void {
  const missing = programs.filter(([program]) => !isThere(program)).map(([, name]) => name);
  install(missing.length === 0 ? [] : ['libc6-dev-arm64-cross', ...missing]);
}

/** The mirror that this computer's own apt uses. */
function mirror(): string {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []),
  ];
  for (const file of files.filter(existsSync)) {
    const text = readFileSync(file, 'utf8');
    const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s+)?)(\S+)/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new NotToBeHad("apt names no mirror of Debian's packages");
}

/** Fetches the kernel of a suite and busybox for arm64 into `folder`, with apt's state there too: nothing is installed. */
export function fetchKernel(folder: string, suite: string): Arm64Kernel {
  const state = join(folder, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts'])
    mkdirSync(join(state, name), { recursive: true });
  writeFileSync(join(state, 'status'), '');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const suites = [...new Set([suite, 'trixie'])];
  const line = (name: string): string => `deb [signed-by=${keys}] ${mirror()} ${name} main\n`;
  writeFileSync(join(state, 'sources.list'), suites.map(line).join(''));
  const options = [
    ['Dir::State::Lists', join(state, 'lists')],
    ['Dir::State::status', join(state, 'status')],
    ['Dir::Cache', join(state, 'cache')],
    ['Dir::Etc::sourcelist', join(state, 'sources.list')],
    ['Dir::Etc::sourceparts', join(state, 'parts')],
    ['APT::Architecture', 'arm64'],
    ['APT::Architectures', 'arm64'],
    ['APT::Sandbox::User', 'root'],
    ['APT::Default-Release', suite],
  ].flatMap(([name = '', value = '']) => ['-o', `${name}=${value}`]);
  const apt = (command: 'apt-get' | 'apt-cache', ...args: readonly string[]): string =>
    run(command, [...options, ...args], folder);
  apt('apt-get', '-qq', 'update');
  const depends = apt('apt-cache', 'depends', 'linux-image-cloud-arm64');
  const version = /Depends: linux-image-([0-9]\S*)/.exec(depends)?.[1];
  if (version === undefined) throw new NotToBeHad(`${suite} has no kernel for cloud machines on arm64`);
  // from 7.3 on the image lies in a package of its own
  const hasBinary = spawnSync('apt-cache', [...options, 'show', `linux-binary-${version}`]).status === 0;
  apt('apt-get', '-qq', 'download', `linux-${hasBinary ? 'binary' : 'image'}-${version}`, 'busybox-static');
  const files = join(folder, 'files');
  for (const name of readdirSync(folder).filter(file => file.endsWith('.deb')))
    run('dpkg', ['-x', join(folder, name), files]);
  return { version, image: found(files, /vmlinuz/), busybox: found(files, /busybox$/) };
}

function found(folder: string, pattern: RegExp): string {
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
    file => pattern.test(file) && !file.includes('/doc/'),
  );
  if (name === undefined) throw new NotToBeHad(`${String(pattern)} is not in the packages`);
  return join(folder, name);
}

/** Compiles a program for arm64 that needs nothing beside it. */
export const compile = (source: string, program: string): void => {
  run('aarch64-linux-gnu-gcc', ['-O1', '-static', '-Wall', '-o', program, source]);
};
