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
