import { z } from 'zod';
import { readJson } from '../json-text.ts';
import type { ByteSource } from './byte-source.ts';
import { type DumpResult, refuse } from './dump.ts';
import { fetchCommand } from './fetch-command.ts';
import { SparseBytes } from './sparse-bytes.ts';
import { physicalLimit } from '../../model/memory/index.ts';

const hex = z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, 'a "0x…" string of at most 64 bits');

/** Our own form of a dump: pairs of address and word, or an object from one to the other. */
export const jsonDumpSchema = z
  .union([z.array(z.tuple([hex, hex])), z.record(hex, hex)])
  .meta({ id: 'dump', description: 'Physical memory: 64-bit words by address, both "0x…" strings' });

/** The longest JSON dump that is read in one piece. */
const maxJsonBytes = 268_435_456;

/** Reads a JSON dump. */
export function jsonDump(source: ByteSource): DumpResult {
  if (source.size > maxJsonBytes)
    return refuse(`a JSON dump of more than ${maxJsonBytes} bytes: save it raw`);
  const parsed = parse(new TextDecoder().decode(source.read(0, source.size)));
  if (typeof parsed === 'string') return refuse(parsed);
  const bytes = new SparseBytes();
  for (const [address, word] of Array.isArray(parsed) ? parsed : Object.entries(parsed)) {
    const problem = place(bytes, BigInt(address), BigInt(word));
    if (problem !== undefined) return refuse(`${address}: ${problem}`);
  }
  return {
    ok: true,
    dump: {
      format: 'json',
      read: address => (address < physicalLimit ? bytes.read(Number(address)) : undefined),
      ranges: bytes.ranges(),
      fetch: page => fetchCommand('json', page),
      notes: [],
    },
  };
}

function parse(text: string): z.infer<typeof jsonDumpSchema> | string {
  const json = readJson(text);
  if (!json.ok) return json.why;
  const result = jsonDumpSchema.safeParse(json.value);
  return result.success
    ? result.data
    : 'not [["0xADDRESS", "0xWORD"], …] and not {"0xADDRESS": "0xWORD", …}';
}

function place(bytes: SparseBytes, address: bigint, word: bigint): string | undefined {
  if (address >= physicalLimit) return 'not a physical address: those have at most 52 bits';
  if (address % 8n !== 0n) return 'the address of a word is a multiple of 8';
  if (bytes.isFull) return `more than ${SparseBytes.maxPages} pages`;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, word, true);
  for (let i = 0; i < 8; i++) {
    if (bytes.set(Number(address) + i, view.getUint8(i))) return 'was given another word before';
  }
  return undefined;
}
