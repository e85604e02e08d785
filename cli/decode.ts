import { Command, Option } from 'commander';
import { addressHex, wordHex } from '../model/bits/index.ts';
import { type LeafRange, rangesOf, readSppt, readTable, type TableKind } from '../oracle/audit/index.ts';
import { stage2Decode } from './arm64/decode.ts';
import { type TableFormat, tableFormats } from './arm64/flags.ts';
import { decodeEntry } from './decode/entry.ts';
import { CommandError, Exit } from './exit.ts';
import { type Memory, type MemoryFlags, overMemory, withMemoryOptions } from './live/memory.ts';
import { addressIn } from './oracle/memory-flags.ts';

interface Flags extends MemoryFlags {
  readonly root?: string;
  readonly entry?: string;
  readonly level?: string;
  readonly eptp?: string;
  readonly maxphyaddr: string;
  readonly kind: TableKind | 'sppt';
  readonly format: TableFormat;
  readonly kernel?: string;
  readonly json?: true;
}

const help = `
Output of --json: host and guest {"ranges": [{"gpa", "size", "page", "state", "rights", "memoryType", "owner", "word", "at",
"leaves"}], "missing"}; sppt {"vectors": [{"gpa", "at", "word", "accessMap", "reservedBits"}], "missing"}. The exit code is ${Exit.unknown}
if a page of the table is not in the dump (the command that fetches it is printed), ${Exit.forbidden} if an entry of an SPPT is
misconfigured, else ${Exit.ok}. With --entry: {"name", "word", "fields", "maps", "misconfigured": []}.`;

export const decodeCommand = (): Command =>
  withMemoryOptions(new Command('decode'))
    .description(
      'Lists one table from a dump or a running machine: ranges of an EPT, or the vectors of an SPPT',
    )
    .option('--root <pointer>', 'the EPTP, the SPPTP, or VTTBR_EL2,VTCR_EL2')
    .addOption(new Option('--format <format>', 'whose tables').choices(tableFormats).default('ept'))
    .option('--kernel <version>', 'arm64-stage2: 6.1, 6.12, 6.17 or 7.3; otherwise what the words say')
    .addOption(
      new Option(
        '--kind <kind>',
        "whose table: pKVM's host or guest, a plain EPT without page states, or an SPPT",
      )
        .choices(['host', 'guest', 'ept', 'sppt'])
        .default('host'),
    )
    .option('--entry <word>', 'one entry by itself, instead of a table')
    .option('--level <number>', 'the level of --entry: 1 PTE, 2 PDE, 3 PDPTE, 4 PML4E, 5 PML5E')
    .option('--eptp <word>', 'the EPTP that --entry is read under: its shape decides what bits mean')
    .option('--maxphyaddr <bits>', 'physical-address width, for --entry', '52')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      if (flags.entry !== undefined) {
        process.exitCode = decodeEntry(flags.entry, flags);
        return;
      }
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
      const isWrong = result.isMisconfigured === true;
      process.exitCode = isWrong ? Exit.forbidden : missing.length > 0 ? Exit.unknown : Exit.ok;
    });

interface Listing {
  readonly rows: readonly string[];
  readonly json: Record<string, unknown>;
  /** An entry of an SPPT that the processor refuses. */
  readonly isMisconfigured?: boolean;
  readonly missing: readonly { readonly page: bigint; readonly level: number }[];
}

function listing(memory: Memory, flags: Flags): Listing {
  if (flags.root === undefined) throw new CommandError(Exit.usage, '--root or --entry is needed');
  const { root: pointer } = flags;
  if (flags.format === 'arm64-stage2') return stage2Decode(memory, { ...flags, root: pointer });
  const root = addressIn(pointer, '--root');
  return flags.kind === 'sppt' ? vectorsIn(memory, root) : rangesIn(memory, root, flags.kind);
}

function rangesIn(memory: Memory, root: bigint, kind: TableKind): Listing {
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

function rangeText(range: LeafRange): string {
  const { gpa, size, page, state, rights, memoryType, owner, word, leaves, misconfigured } = range;
  const maps =
    page === undefined
      ? ''
      : ` -> ${addressHex(page)} ${rights}${memoryType === undefined ? '' : ` ${memoryType}`}`;
  const recorded = owner === undefined ? '' : ` owner ${owner}`;
  const wrong = misconfigured === undefined ? '' : ` MISCONFIGURED: ${misconfigured}`;
  return `${addressHex(gpa)} - ${addressHex(gpa + size)}${maps}${state === undefined ? '' : ` ${state}`}${recorded}${wrong} (${leaves} leaf word${leaves === 1 ? '' : 's'}, first ${wordHex(word)})`;
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
    isMisconfigured: wrong.length > 0 || vectors.some(({ reservedBits }) => reservedBits !== 0n),
    missing,
  };
}
