import { addressHex } from '../../model/bits/index.ts';
import type { DumpFormat } from './dump.ts';

/** Bytes of one page of a table: what is asked for at a time. */
const pageBytes = 4096;
const pageWords = 512;

/** How each tool is asked for one 4-KByte page of physical memory. Facts: facts/oracle.md 5. */
const commands: Record<DumpFormat, (page: string) => string> = {
  'qemu-xp': page => `xp /${pageWords}gx ${page}`,
  gdb: page => `x/${pageWords}gx ${page}`,
  crash: page => `rd -p -64 ${page.replace('0x', '')} ${pageWords}`,
  windbg: page => `!dq ${page.replace('0x', '')} L${pageWords.toString(16)}`,
  bochs: page => `xp /${pageWords}gx ${page}`,
  hexdump: page => `hexdump -v -C -s ${page} -n ${pageBytes} MEMORY`,
  xxd: page => `xxd -s ${page} -l ${pageBytes} MEMORY`,
  od: page => `od -Ax -tx8 -v -j ${page} -N ${pageBytes} MEMORY`,
  raw: page => `pmemsave ${page} ${pageBytes} page-${page}.bin`,
  'elf-core': page => `dump-guest-memory page-${page}.elf ${page} ${pageBytes}`,
  json: page => `xp /${pageWords}gx ${page}`,
  tsv: page => `xp /${pageWords}gx ${page}`,
};

/** The command of the tool that made a dump of this format, for the page at `page`. */
export const fetchCommand = (format: DumpFormat, page: bigint): string =>
  commands[format](addressHex(page));
