import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line, or that it was longer than anyone reads: then its characters are gone. */
export type InputLine = { readonly text: string } | { readonly tooLong: number };

/** The lines of a stream, in memory that no line can grow beyond `maxLength` characters. */
export async function* inputLines(
  input: Readable,
  maxLength: number,
): AsyncGenerator<readonly InputLine[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let dropped = 0;
  const finish = (text: string): InputLine => {
    const length = dropped + text.length;
    dropped = 0;
    return length > maxLength ? { tooLong: length } : { text };
  };
  for await (const chunk of input) {
    const parts = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = parts.pop() ?? '';
    const lines = parts.map(finish);
    if (rest.length > maxLength) {
      dropped += rest.length;
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '' || dropped > 0) yield [finish(rest)];
}

/** Writes, and waits where the reader is slower. */
export async function write(output: Writable, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await new Promise(done => output.once('drain', done));
}
