import { addressHex } from '../../model/bits/index.ts';
import { foreignEncoding } from '../lines.ts';
import type { ByteSource } from './byte-source.ts';
import { type DumpResult, refuse } from './dump.ts';
import { elfCoreDump } from './elf-core.ts';
import { jsonDump } from './json-dump.ts';
import { rawDump } from './raw-dump.ts';
import { readTextDump, recogniseText } from './text-dump.ts';
import { physicalLimit } from '../../model/memory/index.ts';

/** Files that begin like this hold memory in a form that is not read here. */
const unreadable: readonly (readonly [magic: string, what: string, instead: string])[] = [
  ['KDUMP   ', 'a kdump-compressed dump', 'dump-guest-memory FILE.elf (without -z, -l or -s)'],
  ['makedumpfile', 'a flattened kdump', 'dump-guest-memory FILE.elf (without -z, -l or -s)'],
  ['PAGEDU64', 'a Windows crash dump', 'dump-guest-memory FILE.elf (without -w)'],
  ['PAGEDUMP', 'a Windows crash dump', 'dump-guest-memory FILE.elf (without -w)'],
  ['\x1f\x8b', 'compressed with gzip', 'gunzip FILE'],
  ['\xfd7zXZ', 'compressed with xz', 'unxz FILE'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd', 'unzstd FILE'],
  ['BZh', 'compressed with bzip2', 'bunzip2 FILE'],
  ['QEVM', 'a QEMU migration stream', 'dump-guest-memory FILE.elf'],
];

const startsWith = (head: Uint8Array, magic: string): boolean =>
  [...magic].every((character, i) => head[i] === character.charCodeAt(0));

/** How much of a file decides whether it is text. */
const headBytes = 4096;
const isText = (head: Uint8Array): boolean =>
  head.every(byte => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127) || byte >= 128);

/**
 * Reads physical memory from any of the formats, recognised by content. `base` is the physical address of the first
 * byte, which raw memory needs and file offsets are added to.
 */
export function readDump(source: ByteSource, base?: bigint): DumpResult {
  if (base !== undefined && base >= physicalLimit)
    return refuse(`@${addressHex(base)} is not a physical address: those have at most 52 bits`);
  if (source.size === 0) return refuse('the file is empty');
  const head = source.read(0, headBytes);
  const known = unreadable.find(([magic]) => startsWith(head, magic));
  if (known !== undefined && base === undefined) return refuse(`${known[1]}`, { instead: known[2] });
  if (startsWith(head, '\x7fELF')) {
    return base === undefined
      ? elfCoreDump(source)
      : refuse(`an ELF core has its addresses in it: @${addressHex(base)} does not go with it`);
  }
  const encoding = base === undefined ? foreignEncoding(head) : undefined;
  if (encoding !== undefined && isText(head.filter(byte => byte !== 0)))
    return refuse(`a text in ${encoding}`, { instead: 'save it as UTF-8' });
  return isText(head) ? readText(source, base, head) : readBinary(source, base);
}

function readText(source: ByteSource, base: bigint | undefined, head: Uint8Array): DumpResult {
  const first = new TextDecoder().decode(head).trimStart();
  const isJson = /^(?:\[\s*\[|\[\s*\]|\{\s*"|\{\s*\})/.test(first);
  if (isJson && base === undefined) return jsonDump(source);
  const grammar = recogniseText(source);
  if (grammar !== undefined) return readTextDump(source, grammar, base);
  return base !== undefined
    ? rawDump(source, base)
    : refuse(
        'a text in none of the formats: QEMU xp, gdb x/gx, crash rd -p, hexdump -C, xxd, od, JSON or address and word',
        { instead: 'xp /512gx ADDRESS' },
      );
}

const readBinary = (source: ByteSource, base: bigint | undefined): DumpResult =>
  base === undefined
    ? refuse('raw bytes that do not say where they lie', {
        instead: 'name it FILE@0xADDRESS, the address that pmemsave was given',
      })
    : rawDump(source, base);
