import type { TextGrammar, TextRow } from './text-grammar.ts';

/** How the addresses and cells of a text are to be read, where the lines alone leave it open. */
export interface TextOrder {
  readonly radix: 8 | 10 | 16;
  /** Whether the cells are little-endian numbers. */
  readonly isLittleEndian: boolean;
}

export type OrderResult = TextOrder | { readonly undecided: string; readonly instead: string };

/** How many rows are looked at for evidence. */
const evidenceRows = 4096;

/** Decides from the first rows of a text. */
export function orderOf(grammar: TextGrammar, rows: Iterable<TextRow | 'repeat'>): OrderResult {
  const first: (TextRow | 'repeat')[] = [];
  for (const row of rows) {
    if (first.push(row) >= evidenceRows) break;
  }
  if (grammar.format === 'od') return odOrder(first);
  if (grammar.format === 'xxd') return xxdOrder(first);
  return { radix: 16, isLittleEndian: grammar.order === 'words' };
}

const bytesIn = (row: TextRow): number => row.cells.join('').length / 2;

/** The digits of an offset in each radix: od prints six in hex, seven in octal and decimal. */
const digitsOf = { 8: /^[0-7]{7,}$/, 10: /^\d{7,}$/, 16: /^[0-9a-f]+$/ } as const;

/** `od` counts in octal unless told: the step from one line to the next says which. */
function odOrder(rows: readonly (TextRow | 'repeat')[]): OrderResult {
  const isPossible = (radix: number): boolean =>
    rows.every((row, i) => {
      const next = rows[i + 1];
      if (row === 'repeat' || next === undefined || next === 'repeat') return true;
      const step = Number.parseInt(next.address, radix) - Number.parseInt(row.address, radix);
      const isLast = i + 2 === rows.length && next.cells.length === 0;
      const unit = bytesIn(row) / row.cells.length;
      return isLast ? step > bytesIn(row) - unit && step <= bytesIn(row) : step === bytesIn(row);
    });
  const wellFormed = ([16, 8, 10] as const).filter(
    radix => rows.every(row => row === 'repeat' || digitsOf[radix].test(row.address)) && isPossible(radix),
  );
  const [only, ...others] = wellFormed;
  const isAtZero = rows.every(
    row => row === 'repeat' || row.cells.length === 0 || /^0+$/.test(row.address),
  );
  if (only === undefined || (others.length > 0 && !isAtZero)) {
    return {
      undecided: 'the offsets may be octal, decimal or hex',
      instead: 'od -Ax -tx8 -v MEMORY',
    };
  }
  return { radix: only, isLittleEndian: true };
}

/** The characters that `xxd` prints for the bytes of a cell, in this order. */
const printed = (digits: readonly string[]): string =>
  digits
    .map(pair => {
      const code = Number.parseInt(pair, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : '.';
    })
    .join('');

const pairs = (cell: string): string[] => cell.match(/../g) ?? [];

/** `xxd -e` reverses the bytes of each group and looks like `xxd -g`: the column of characters says which. */
function xxdOrder(rows: readonly (TextRow | 'repeat')[]): OrderResult {
  const texts = rows.filter(row => row !== 'repeat');
  const fits = (reverse: boolean): boolean =>
    texts.every(({ cells, characters }) => {
      const shown = cells.map(cell => printed(reverse ? pairs(cell).reverse() : pairs(cell))).join('');
      return characters === undefined || characters.startsWith(shown);
    });
  const [asStream, asWords] = [fits(false), fits(true)];
  const groups = Math.max(0, ...texts.flatMap(({ cells }) => cells.map(cell => cell.length)));
  if (asStream !== asWords) return { radix: 16, isLittleEndian: asWords };
  if (asStream && groups <= 4) return { radix: 16, isLittleEndian: false };
  return { undecided: 'the bytes of a group may be in either order', instead: 'xxd MEMORY' };
}
