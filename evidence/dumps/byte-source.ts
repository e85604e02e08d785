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

/** The longest line that a reader of text takes; a longer one is cut here, and then refused by its grammar. */
export const maxLineBytes = 65_536;

const chunkBytes = 65_536;
const newline = 10;

/** The lines of a text, without their ends, holding one chunk and one line at a time. */
export function* linesOf(source: ByteSource): Generator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = new Uint8Array(0);
  for (let offset = 0; offset < source.size; offset += chunkBytes) {
    const chunk = source.read(offset, chunkBytes);
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    let start = 0;
    for (let end = joined.indexOf(newline); end !== -1; end = joined.indexOf(newline, start)) {
      yield lineText(decoder, joined.subarray(start, end));
      start = end + 1;
    }
    rest = joined.slice(start, start + Math.min(joined.length - start, maxLineBytes + 1));
  }
  if (rest.length > 0) yield lineText(decoder, rest);
}

const lineText = (decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string =>
  decoder.decode(bytes.subarray(0, maxLineBytes)).replace(/\r$/, '');
