import { Command, Option } from 'commander';
import { addressHex, wordHex } from '../model/bits/index.ts';
import { type LeafRange, rangesOf, readSppt, readTable } from '../oracle/audit/index.ts';
import { stage2Decode } from './arm64/decode.ts';
import { type TableFormat, tableFormats } from './arm64/flags.ts';
import { Exit } from './exit.ts';
import { type Memory, type MemoryFlags, overMemory, withMemoryOptions } from './live/memory.ts';
import { addressIn } from './oracle/memory-flags.ts';

interface Flags extends MemoryFlags {
  readonly root: string;
  readonly kind: 'host' | 'guest' | 'sppt';
  readonly format: TableFormat;
  readonly kernel?: string;
  readonly json?: true;
}

const help = `
Output of --json: host and guest {"ranges": [{"gpa", "size", "page", "state", "rights", "memoryType", "owner", "word", "at",
"leaves"}], "missing"}; sppt {"vectors": [{"gpa", "at", "word", "accessMap", "reservedBits"}], "missing"}. The exit code is ${Exit.unknown}
if a page of the table is not in the dump (the command that fetches it is printed), else ${Exit.ok}.`;

export const decodeCommand = (): Command =>
  withMemoryOptions(new Command('decode'))
    .description(
      'Lists one table from a dump or a running machine: ranges of an EPT, or the vectors of an SPPT',
    )
    .requiredOption('--root <pointer>', 'the EPTP, the SPPTP, or VTTBR_EL2,VTCR_EL2')
    .addOption(new Option('--format <format>', 'whose tables').choices(tableFormats).default('ept'))
    .option('--kernel <version>', 'arm64-stage2: 6.1, 6.12, 6.17 or 7.3; otherwise what the words say')
    .addOption(
      new Option('--kind <kind>', 'whose table').choices(['host', 'guest', 'sppt']).default('host'),
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      const architecture = flags.format === 'ept' ? 'i386:x86-64' : 'aarch64';
      const { result, memory: dump } = await overMemory(flags, architecture, memory =>
        listing(memory, flags),
      );
      const { rows, json, missing } = result;
      const fetches = missing.map(({ page, level }) => ({
        page: addressHex(page),
        level,
        fetch: dump.fetch(page),
      }));
      if (flags.json === true) console.log(JSON.stringify({ ...json, missing: fetches }, undefined, 2));
      else {
        for (const row of [...dump.notes.map(note => `note: ${note}`), ...rows]) console.log(row);
        for (const { page, level, fetch } of fetches)
          console.log(`unknown: the level-${level} page at ${page} is not in the dump; fetch it: ${fetch}`);
      }
      process.exitCode = missing.length > 0 ? Exit.unknown : Exit.ok;
    });

interface Listing {
  readonly rows: readonly string[];
  readonly json: Record<string, unknown>;
  readonly missing: readonly { readonly page: bigint; readonly level: number }[];
}

function listing(memory: Memory, flags: Flags): Listing {
  if (flags.format === 'arm64-stage2') return stage2Decode(memory, flags);
  const root = addressIn(flags.root, '--root');
  return flags.kind === 'sppt' ? vectorsIn(memory, root) : rangesIn(memory, root, flags.kind);
}

function rangesIn(memory: Memory, root: bigint, kind: 'host' | 'guest'): Listing {
  const reading = readTable(memory, root);
  const ranges = rangesOf(reading, kind);
  return { rows: ranges.map(rangeText), json: { ranges: ranges.map(rangeJson) }, missing: reading.missing };
}

const rangeJson = ({ gpa, size, page, word, at, ...meaning }: LeafRange) => ({
  gpa: addressHex(gpa),
  size: addressHex(size),
  ...(page === undefined ? {} : { page: addressHex(page) }),
  ...meaning,
  word: wordHex(word),
  at: addressHex(at),
});

function rangeText({ gpa, size, page, state, rights, memoryType, owner, word, leaves }: LeafRange): string {
  const maps = page === undefined ? '' : ` -> ${addressHex(page)} ${rights} ${memoryType}`;
  const recorded = owner === undefined ? '' : ` owner ${owner}`;
  return `${addressHex(gpa)} - ${addressHex(gpa + size)}${maps} ${state}${recorded} (${leaves} leaf word${leaves === 1 ? '' : 's'}, first ${wordHex(word)})`;
}

function vectorsIn(memory: Memory, root: bigint): Listing {
  const { vectors, missing, misconfigured } = readSppt(memory, root);
  const shown = vectors.map(({ gpa, at, word, accessMap, reservedBits }) => ({
    gpa: addressHex(gpa),
    at: addressHex(at),
    word: wordHex(word),
    accessMap: `0x${accessMap.toString(16).padStart(8, '0')}`,
    ...(reservedBits === 0n ? {} : { reservedBits: wordHex(reservedBits) }),
  }));
  const wrong = misconfigured.map(({ at, word, level }) => ({
    at: addressHex(at),
    word: wordHex(word),
    level,
  }));
  return {
    rows: [
      ...shown.map(
        ({ gpa, accessMap, word, reservedBits }) =>
          `${gpa} writable ${accessMap} (${word})${reservedBits === undefined ? '' : ` MISCONFIGURED: reserved bits ${reservedBits}`}`,
      ),
      ...wrong.map(({ at, word, level }) => `MISCONFIGURED: the L${level}E at ${at} is ${word}`),
    ],
    json: { vectors: shown, misconfigured: wrong },
    missing,
  };
}
