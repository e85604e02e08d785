import { LineCutter, type TextLine } from '../lines.ts';

/** Bytes that can be read anywhere: a file, or an array in a page. */
export interface ByteSource {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** An array as a source. */
export const bytesOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

/** The longest line that a reader of text takes; a longer one is no row of any dump. */
export const maxLineBytes = 65_536;

const chunkBytes = 65_536;

/** The lines of a text, without their ends, holding one chunk and one line at a time. */
export function* linesOf(source: ByteSource): Generator<TextLine> {
  const cutter = new LineCutter(maxLineBytes);
  for (let offset = 0; offset < source.size; offset += chunkBytes)
    yield* cutter.push(source.read(offset, chunkBytes));
  yield* cutter.end();
}

/** The same as texts alone; of a line that is longer than anyone reads, nothing. */
export function* textsOf(source: ByteSource): Generator<string> {
  for (const { text } of linesOf(source)) yield text;
}
