/**
 * How wide Helvetica's letters are, in thousandths of the font's size, from the space on (Adobe's font metrics). It is
 * what Graphviz lays a picture out with where it knows no fonts of the machine.
 */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/** A letter that the table does not know, as wide as a digit. */
const other = 556;
const NO_BREAK_SPACE = 0xa0;

/** How wide a text is in Helvetica of this size, in the size's unit. */
export function textWidth(text: string, size: number): number {
  let sum = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    sum += widths[(code === NO_BREAK_SPACE ? 0x20 : code) - 0x20] ?? other;
  }
  return (sum * size) / 1000;
}
