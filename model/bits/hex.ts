/** A word as a person reads it: 16 digits in four groups, `0x0100_0000_0000_3037`. */
export const groupedHex = (word: bigint): string =>
  `0x${word
    .toString(16)
    .padStart(16, '0')
    .replace(/\B(?=(?:....)+$)/g, '_')}`;

/** A word as a file holds it: `0x0100000000003037`. */
export const wordHex = (word: bigint): string => `0x${word.toString(16).padStart(16, '0')}`;

/** An address as a file holds it: `0x3000`. */
export const addressHex = (value: bigint): string => `0x${value.toString(16)}`;

/** Bytes as a file holds them: `0300…`, two digits a byte. */
export const bytesHex = (bytes: Uint8Array): string =>
  [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');

/** The bytes that a text of hex digits holds, with or without `0x`; `undefined` where it is no such text. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}
