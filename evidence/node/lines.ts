import type { Readable, Writable } from 'node:stream';
import { foreignEncoding, headLength, LineCutter, maxLineLength, type TextLine } from '../lines.ts';

/** A text in an encoding that is not read. */
export class EncodingError extends Error {
  constructor(encoding: string) {
    super(`the text is in ${encoding}: save it as UTF-8`);
  }
}

/**
 * The lines of a stream, as many at a time as have come.
 *
 * @throws EncodingError where the text begins as one that is no UTF-8.
 */
export async function* inputLines(
  input: Readable,
  maxLength = maxLineLength,
): AsyncGenerator<readonly TextLine[]> {
  const cutter = new LineCutter(maxLength);
  const head: number[] = [];
  for await (const chunk of input) {
    const bytes: Uint8Array = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    if (head.length < headLength) {
      head.push(...bytes.subarray(0, headLength - head.length));
      const encoding = foreignEncoding(head);
      if (encoding !== undefined) throw new EncodingError(encoding);
    }
    const lines = cutter.push(bytes);
    if (lines.length > 0) yield lines;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

/** Writes, and waits where the reader is slower. */
export async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await new Promise(done => output.once('drain', done));
}
