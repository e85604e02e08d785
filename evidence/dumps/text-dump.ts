import { addressHex } from '../../model/bits/index.ts';
import { type ByteSource, linesOf } from './byte-source.ts';
import { type DumpResult, refuse } from './dump.ts';
import { debuggerGrammars } from './debugger-grammars.ts';
import { fetchCommand } from './fetch-command.ts';
import { SparseBytes } from './sparse-bytes.ts';
import { type TextGrammar, textGrammars, type TextRow } from './text-grammar.ts';
import { orderOf, type TextOrder } from './text-order.ts';
import { physicalLimit } from '../../model/memory/index.ts';
import { echoedCommand, physicalCommand } from './virtual.ts';

/** The grammar of the first line that has cells. */
export function recogniseText(source: ByteSource): TextGrammar | undefined {
  let lines = 0;
  for (const { text } of linesOf(source)) {
    const grammar = grammarOf(text);
    if (grammar !== undefined) return grammar;
    if (++lines > 1000) return undefined;
  }
  return undefined;
}

const grammarOf = (line: string): TextGrammar | undefined =>
  [...debuggerGrammars, ...textGrammars].find(grammar => (grammar.row(line)?.cells.length ?? 0) > 0);

/** Lines that hold nothing: blank, comments, echoed commands, holes that the tool reports. */
const isNoise = (line: string): boolean =>
  /^\s*(?:#.*)?$/.test(line) ||
  echoedCommand(line) !== undefined ||
  /annot access memory|^(?:rd|read): /.test(line);

type Line = {
  readonly number: number;
  readonly text: string;
  readonly row: TextRow | 'repeat' | undefined;
  /** What stands before it says that another command's output begins here. */
  readonly isFirst: boolean;
  /** The text ends in it, without the end of a line. */
  readonly isCut: boolean;
};

function* rowsOf(source: ByteSource, grammar: TextGrammar): Generator<Line> {
  let number = 0;
  let isFirst = true;
  for (const { text, isCut = false } of linesOf(source)) {
    number++;
    // WinDbg marks its rows as others mark comments
    const row = text === '*' ? ('repeat' as const) : grammar.row(text);
    const isNothing = row === undefined && isNoise(text) && echoedCommand(text)?.isVirtual !== true;
    if (!isNothing) yield { number, text, row, isFirst, isCut };
    isFirst = isNothing;
  }
}

function* onlyRows(lines: Iterable<Line>): Generator<TextRow | 'repeat'> {
  for (const { row } of lines) if (row !== undefined) yield row;
}

/** Reads a text dump whose first line is of this grammar; `base` is added to offsets counted from a file's start. */
export function readTextDump(
  source: ByteSource,
  grammar: TextGrammar,
  base: bigint | undefined,
): DumpResult {
  const { format, addresses } = grammar;
  if (base !== undefined && addresses === 'memory')
    return refuse(`a ${format} dump has its addresses in it: @${addressHex(base)} does not go with it`);
  const order = orderOf(grammar, onlyRows(rowsOf(source, grammar)));
  if ('undecided' in order) return refuse(order.undecided, { instead: order.instead });

  const bytes = new SparseBytes();
  const refusal = fill(bytes, rowsOf(source, grammar), { grammar, order, base: base ?? 0n });
  if (refusal !== undefined) return refusal;
  const notes =
    addresses === 'file' && base === undefined ? [`offset 0 is taken as physical address 0x0`] : [];
  if (format === 'gdb')
    notes.push(`gdb's addresses are taken as physical: ${physicalCommand('gdb')} makes them so`);
  return {
    ok: true,
    dump: {
      format,
      read: address => (address < physicalLimit ? bytes.read(Number(address)) : undefined),
      ranges: bytes.ranges(),
      fetch: page => fetchCommand(format, page),
      notes,
    },
  };
}

interface Reading {
  readonly grammar: TextGrammar;
  readonly order: TextOrder;
  readonly base: bigint;
}

function fill(bytes: SparseBytes, lines: Iterable<Line>, reading: Reading): DumpResult | undefined {
  let last: Last | undefined;
  let isSqueezed = false;
  for (const { number, text, row, isFirst, isCut } of lines) {
    if (row === 'repeat') {
      isSqueezed = true;
      continue;
    }
    if (row === undefined) return strangeLine(number, text, reading.grammar);
    const start = addressIn(row, reading);
    if (start >= physicalLimit) return virtualAddress(number, start, reading.grammar);
    const strange = oddRow(
      row,
      { isCut, isFirst, start: Number(start), last, isSqueezed },
      reading.grammar,
    );
    if (strange !== undefined) return refuse(strange, { line: number });
    const line = bytesOfRow(row, reading.order);
    if (isSqueezed && last !== undefined && Number(start) > last.end)
      bytes.repeat({ start: last.end, end: Number(start), line: last.line });
    isSqueezed = false;
    // od fills its last word with zeros; the offset at the end says how much of it is real.
    if (row.cells.length === 0 && last !== undefined) bytes.forget(Number(start), last.end);
    const problem = place(bytes, Number(start), line);
    if (problem !== undefined) return refuse(problem, { line: number });
    last = { start: Number(start), end: Number(start) + line.length, width: widthOf(row), line };
  }
  return undefined;
}

/** The row above: where it lies, and how many digits its cells have. */
interface Last {
  readonly start: number;
  readonly end: number;
  readonly width: number;
  readonly line: Uint8Array;
}

/** Digits of a 64-bit word. */
const fullWidth = 16;
const widthOf = ({ cells, digits }: TextRow): number => digits ?? cells.at(-1)?.length ?? fullWidth;

/** What no tool prints: a dump that was damaged on its way is refused, not read as another one. */
function oddRow(
  row: TextRow,
  at: {
    readonly isCut: boolean;
    readonly isFirst: boolean;
    readonly start: number;
    readonly last: Last | undefined;
    readonly isSqueezed: boolean;
  },
  { addresses, format }: TextGrammar,
): string | undefined {
  const widths = new Set(row.cells.map(cell => cell.length));
  if (widths.size > 1 && format !== 'xxd') return 'its words are not of one width: it is cut off';
  const whole = row.digits === undefined ? (at.last?.width ?? fullWidth) : fullWidth;
  if (at.isCut && addresses === 'memory' && widthOf(row) < whole)
    return 'the last line has no end: its last word may be cut off';
  if (at.last === undefined || at.start >= at.last.start) return undefined;
  const isNewCommand = addresses === 'memory' && (at.isFirst || at.start % 4096 === 0) && !at.isSqueezed;
  return isNewCommand
    ? undefined
    : `its address is before the one of the row above: give the output of each command as a file of its own`;
}

function place(bytes: SparseBytes, start: number, line: Uint8Array): string | undefined {
  if (bytes.isFull)
    return `the text holds more than ${SparseBytes.maxPages} pages: save it raw and name it FILE@0xADDRESS`;
  for (const [i, value] of line.entries()) {
    if (bytes.set(start + i, value))
      return `address ${addressHex(BigInt(start + i))} was given another value before: a dump is of one moment`;
  }
  return undefined;
}

const addressIn = (row: TextRow, { grammar, order, base }: Reading): bigint => {
  const digits = { 8: '0o', 10: '', 16: '0x' }[order.radix];
  return BigInt(digits + row.address) + (grammar.addresses === 'file' ? base : 0n);
};

function bytesOfRow(row: TextRow, { isLittleEndian }: TextOrder): Uint8Array {
  const pairs = row.cells.flatMap(cell => {
    const inCell = cell.match(/../g) ?? [];
    return isLittleEndian ? inCell.reverse() : inCell;
  });
  return Uint8Array.from(pairs, pair => Number.parseInt(pair, 16));
}

function strangeLine(line: number, text: string, grammar: TextGrammar): DumpResult {
  const echoed = echoedCommand(text);
  if (echoed?.isVirtual === true)
    return refuse(`"${text.trim().slice(0, 60)}" reads virtual memory`, {
      line,
      instead: physicalCommand(echoed.format),
    });
  const other = grammarOf(text);
  return other === undefined
    ? refuse(`not a line of a ${grammar.format} dump: ${JSON.stringify(text.slice(0, 60))}`, { line })
    : refuse(
        `a line of a ${other.format} dump in a ${grammar.format} dump: give each as a file of its own`,
        { line },
      );
}

const virtualAddress = (line: number, address: bigint, { format }: TextGrammar): DumpResult =>
  refuse(`${addressHex(address)} is a virtual address: a physical one has at most 52 bits`, {
    line,
    instead: physicalCommand(format),
  });
