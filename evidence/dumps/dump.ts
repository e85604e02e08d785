/**
 * Physical memory as somebody saved it. A word that the dump does not hold is *unknown*, never zero: whoever reads
 * asks for more with `fetch`.
 */
export interface Dump {
  readonly format: DumpFormat;
  /** The 64-bit word at a physical address, a multiple of 8. `undefined` where the dump does not hold all of it. */
  read(address: bigint): bigint | undefined;
  /** What it holds, in order: `start` inclusive, `end` exclusive, in bytes of physical address. */
  readonly ranges: readonly AddressRange[];
  /** The command of the same tool that fetches the 4-KByte page at `page`. */
  fetch(page: bigint): string;
  /** What a reader should know: an assumption that was made about the addresses. */
  readonly notes: readonly string[];
}

export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The shapes that are recognised by content. */
export const dumpFormats = [
  'qemu-xp',
  'gdb',
  'crash',
  'windbg',
  'bochs',
  'hexdump',
  'xxd',
  'od',
  'raw',
  'elf-core',
  'json',
  'tsv',
] as const;
export type DumpFormat = (typeof dumpFormats)[number];

/** Why a file is not taken as a dump of physical memory, and what to run instead. */
export interface DumpRefusal {
  /** The line, counted from 1, where there is one to blame. */
  readonly line?: number;
  /** One sentence: what is wrong and what was expected. */
  readonly why: string;
  /** The command that gives a dump which can be read. */
  readonly instead?: string;
}

export type DumpResult =
  { readonly ok: true; readonly dump: Dump } | { readonly ok: false; readonly refusal: DumpRefusal };

export const refuse = (why: string, more: Omit<DumpRefusal, 'why'> = {}): DumpResult => ({
  ok: false,
  refusal: { why, ...more },
});
