import type { DumpFormat } from './dump.ts';

/** What one line of a text dump says, before its address is understood. */
export interface TextRow {
  /** The digits of the address or offset, without `0x`. */
  readonly address: string;
  /** Hex digits of each cell: one number in words, two digits a byte in streams. Empty: an offset that ends the dump. */
  readonly cells: readonly string[];
  /** How many digits of a cell were printed, where leading zeros need not be. */
  readonly digits?: number;
  /** The column of characters beside the cells, where there is one. */
  readonly characters?: string;
}

export interface TextGrammar {
  readonly format: DumpFormat;
  /** `words`: a cell is a little-endian number. `stream`: its digits are bytes in the order of their addresses. */
  readonly order: 'words' | 'stream';
  /** What the address is counted from: `file` offsets, to which the reader's base is added, or `memory`. */
  readonly addresses: 'memory' | 'file';
  row(line: string): TextRow | undefined;
}

const cellsIn = (text: string): string[] => text.trim().split(/\s+/);
const withoutPrefix = (cell: string): string => cell.replace(/^0x/, '');

/** `xp /512gx 0x10000`: `0000000000010000: 0x0000000000011007 0x0000000000000000`. */
const qemu: TextGrammar = {
  format: 'qemu-xp',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match = /^([0-9a-f]{8,16}):((?: 0x(?:[0-9a-f]{2}|[0-9a-f]{4}|[0-9a-f]{8}|[0-9a-f]{16}))+)$/.exec(
      line,
    );
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { address: match[1], cells: cellsIn(match[2]).map(withoutPrefix) };
  },
};

/** `x/512gx 0x10000`: `0x10000 <table+8>:` and tabs between the words. */
const gdb: TextGrammar = {
  format: 'gdb',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match =
      /^0x([0-9a-f]{1,16})(?: <.*>)?:((?:\s+0x(?:[0-9a-f]{2}|[0-9a-f]{4}|[0-9a-f]{8}|[0-9a-f]{16}))+)\s*$/.exec(
        line,
      );
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { address: match[1], cells: cellsIn(match[2]).map(withoutPrefix) };
  },
};

/** `rd -p -64 10000 512`: `           10000:  0000000000011007 0000000000000000   ................`. */
const crash: TextGrammar = {
  format: 'crash',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match = /^\s*([0-9a-f]{1,16}):  ((?:[0-9a-f]{16} ?){1,2}|(?:[0-9a-f]{8} ?){1,4})(?:  .*)?$/.exec(
      line,
    );
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { address: match[1], cells: cellsIn(match[2]) };
  },
};

/** `hexdump -C`: `00010000  07 10 01 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|`. */
const hexdump: TextGrammar = {
  format: 'hexdump',
  order: 'stream',
  addresses: 'file',
  row: line => {
    const match = /^([0-9a-f]{8,16})((?:  ?[0-9a-f]{2}){1,16})\s+\|.{0,16}\|$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined)
      return { address: match[1], cells: cellsIn(match[2]) };
    return /^[0-9a-f]{8,16}$/.test(line) ? { address: line, cells: [] } : undefined;
  },
};

/** `xxd`: `00010000: 0710 0100 0000 0000 0000 0000 0000 0000  ................`. */
const xxd: TextGrammar = {
  format: 'xxd',
  order: 'stream',
  addresses: 'file',
  row: line => {
    const match = /^([0-9a-f]{8,16}): ((?:[0-9a-fA-F]{2,16} )*[0-9a-fA-F]{2,16}) {2}/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    const cells = cellsIn(match[2]);
    if (cells.some(cell => cell.length % 2 !== 0)) return undefined;
    // One character a byte ends the line, blanks among them.
    return { address: match[1], cells, characters: line.slice(-cells.join('').length / 2) };
  },
};

/** `od -Ax -tx8`: `010000 0000000000011007 0000000000000000`, offsets in hex, octal or decimal. */
const od: TextGrammar = {
  format: 'od',
  order: 'words',
  addresses: 'file',
  row: line => {
    const match =
      /^([0-9a-f]{6,16})((?: +(?:[0-9a-f]{2}|[0-9a-f]{4}|[0-9a-f]{8}|[0-9a-f]{16}))+)(?:\s+>.*<)?\s*$/.exec(
        line,
      );
    if (match?.[1] === undefined || match[2] === undefined)
      return /^[0-9a-f]{6,16}$/.test(line) ? { address: line, cells: [] } : undefined;
    const cells = cellsIn(match[2]);
    return cells.every(cell => cell.length === cells[0]?.length) ? { address: match[1], cells } : undefined;
  },
};

/** One word a line: `0x10000<TAB>0x0000000000011007`. */
const tsv: TextGrammar = {
  format: 'tsv',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match = /^0x([0-9a-f]{1,16})[\t ,]+0x([0-9a-f]{1,16})$/i.exec(line);
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { address: match[1], cells: [match[2].padStart(16, '0')], digits: match[2].length };
  },
};

/** Every text format, the stricter before the looser: a line is of the first that takes it. */
export const textGrammars: readonly TextGrammar[] = [qemu, gdb, crash, hexdump, xxd, od, tsv];
