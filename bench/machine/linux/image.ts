import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initramfs } from '../../live/initramfs.ts';
import { install, isThere, NotToBeHad, run } from '../../programs.ts';

/** What makes a bootable image of a kernel, and the package of each. */
const needs: readonly (readonly [() => boolean, string])[] = [
  [() => isThere('grub-mkrescue'), 'grub-common'],
  [() => existsSync('/usr/lib/grub/i386-pc'), 'grub-pc-bin'],
  [() => isThere('xorriso'), 'xorriso'],
  [() => isThere('mformat'), 'mtools'],
];

const commandLine = 'console=ttyS0,115200 nokaslr mitigations=off panic=-1 nosmp lpj=1000000';

/** Fetches Debian's kernel for cloud machines, and makes an image that boots it with our program as its first. */
export function makeLinuxImage(folder: string, sources: string): string {
  install(needs.filter(([isHere]) => !isHere()).map(([, name]) => name));
  const depends = run('apt-cache', ['depends', 'linux-image-cloud-amd64']);
  const kernel = /Depends: (linux-image-[0-9]\S*)/.exec(depends)?.[1];
  if (kernel === undefined) throw new NotToBeHad('apt knows no kernel for cloud machines on amd64');
  run('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', kernel], folder);
  const files = join(folder, 'files');
  for (const name of readdirSync(folder).filter(file => file.endsWith('.deb')))
    run('dpkg', ['-x', join(folder, name), files]);
  const program = join(folder, 'init');
  run('gcc', ['-O1', '-static', '-o', program, join(sources, 'init.c')]);
  const modules = ['irqbypass.ko', 'kvm.ko', 'kvm-intel.ko'].map(name => ({
    name,
    content: readFileSync(found(files, name)),
  }));
  const boot = join(folder, 'iso/boot');
  mkdirSync(join(boot, 'grub'), { recursive: true });
  writeFileSync(
    join(boot, 'initrd'),
    initramfs([{ name: 'init', content: readFileSync(program) }, ...modules]),
  );
  copyFileSync(found(files, 'vmlinuz'), join(boot, 'vmlinuz'));
  writeFileSync(
    join(boot, 'grub/grub.cfg'),
    `set timeout=0\nterminal_output console\nlinux /boot/vmlinuz ${commandLine}\ninitrd /boot/initrd\nboot\n`,
  );
  run('grub-mkrescue', ['-o', join(folder, 'linux.iso'), join(folder, 'iso')]);
  copyFileSync(join(sources, 'bochsrc'), join(folder, 'bochsrc'));
  return kernel.replace('linux-image-', '');
}

function found(folder: string, name: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const file = files.find(path => path.endsWith(`/${name}`) || path.includes(`/${name}-`));
  if (file === undefined) throw new NotToBeHad(`the kernel's package has no ${name}`);
  return join(folder, file);
}
