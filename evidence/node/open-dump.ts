import { combineDumps, type Dump, type DumpResult, readDump } from '../dumps/index.ts';
import { FileSource } from './file-source.ts';

/** What `--mem` names: a file, and where its first byte lies: `FILE` or `FILE@0xADDRESS`. */
function parseDumpName(name: string): { readonly path: string; readonly base?: bigint } {
  const match = /^(.+)@(0x[0-9a-fA-F]{1,16})$/.exec(name);
  return match?.[1] === undefined || match[2] === undefined
    ? { path: name }
    : { path: match[1], base: BigInt(match[2]) };
}

/** Opens and recognises one dump. */
function openDump(name: string): DumpResult {
  const { path, base } = parseDumpName(name);
  try {
    return readDump(new FileSource(path), base);
  } catch (error) {
    const isOfTheSystem = error instanceof Error && 'code' in error && typeof error.code === 'string';
    if (!isOfTheSystem) throw error;
    return { ok: false, refusal: { why: error.message } };
  }
}

/** Opens all of them, as one dump; the first refusal with the name of its file otherwise. */
export function openDumps(
  names: readonly string[],
): { readonly ok: true; readonly dump: Dump } | { readonly ok: false; readonly why: string } {
  const dumps: Dump[] = [];
  for (const name of names) {
    const result = openDump(name);
    if (!result.ok) {
      const { line, why, instead } = result.refusal;
      const place = line === undefined ? name : `${name}:${line}`;
      return { ok: false, why: `${place}: ${why}${instead === undefined ? '' : `; instead: ${instead}`}` };
    }
    dumps.push(result.dump);
  }
  return { ok: true, dump: combineDumps(dumps) };
}
