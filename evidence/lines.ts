/** One line of a text. */
export interface TextLine {
  readonly text: string;
  /** It was longer than anyone reads, by so many characters: then its text is gone. */
  readonly tooLong?: number;
  /** The last one, without its end: more may have stood in it. */
  readonly isCut?: boolean;
}

/** The longest line that a reader of text takes, in characters. */
export const maxLineLength = 1_048_576;

/** Encodings that are not read, by the bytes that give them away. */
const encodings: readonly (readonly [name: string, bytes: readonly (number | 'any')[]])[] = [
  ['UTF-32 (little-endian)', [0xff, 0xfe, 0, 0]],
  ['UTF-32 (big-endian)', [0, 0, 0xfe, 0xff]],
  ['UTF-16 (little-endian)', [0xff, 0xfe]],
  ['UTF-16 (big-endian)', [0xfe, 0xff]],
  // without a byte-order mark: ASCII characters with a zero beside each
  ['UTF-16 (little-endian)', ['any', 0, 'any', 0]],
  ['UTF-16 (big-endian)', [0, 'any', 0, 'any']],
];

/** So many bytes are enough to tell. */
export const headLength = 4;

/** The name of the encoding in which a text begins, where it is not read. */
export const foreignEncoding = (head: ArrayLike<number>): string | undefined =>
  encodings.find(([, bytes]) => bytes.every((byte, at) => isLike(head[at], byte)))?.[0];

const isLike = (found: number | undefined, wanted: number | 'any'): boolean =>
  wanted === 'any' ? found !== undefined && found > 0 && found < 0x80 : found === wanted;

/**
 * Cuts the bytes of a text into lines as they come, in memory that no line can grow beyond `maxLength` characters. The
 * byte-order mark of UTF-8 is passed over.
 */
export class LineCutter {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #maxLength: number;
  #rest = '';
  #dropped = 0;

  constructor(maxLength = maxLineLength) {
    this.#maxLength = maxLength;
  }

  /** The lines that end in these bytes. */
  push(bytes: Uint8Array): readonly TextLine[] {
    const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = parts.pop() ?? '';
    const lines = parts.map(text => this.#line(text));
    if (this.#rest.length > this.#maxLength) {
      this.#dropped += this.#rest.length;
      this.#rest = '';
    }
    return lines;
  }

  /** The line that has no end, where there is one. */
  end(): readonly TextLine[] {
    const rest = this.#rest + this.#decoder.decode();
    return rest === '' && this.#dropped === 0 ? [] : [{ ...this.#line(rest), isCut: true }];
  }

  #line(text: string): TextLine {
    const length = this.#dropped + text.length;
    this.#dropped = 0;
    if (length > this.#maxLength) return { text: '', tooLong: length };
    return { text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}
