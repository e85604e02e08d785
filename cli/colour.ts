const codes = { good: '32', bad: '31;1', open: '33' } as const;

/** Words that say how something went, at the beginning of a line. */
const verdicts: readonly (readonly [RegExp, keyof typeof codes])[] = [
  [/^(?: {2})?(?:FAIL|violated|survived|not proven|not reached)\b/, 'bad'],
  [/^(?: {2})?(?:PASS|every size|every word|reached)\b/, 'good'],
  [/^(?: {2})?(?:PARTIAL|undecided|NOT SAVED|NOTE)\b/, 'open'],
  [/^[^\s:]+:\d+: forbidden by [^:]+/, 'bad'],
  [/^[^\s:]+:\d+: (?:unknown|not understood)/, 'open'],
];

/** Whether people see colours there: on a terminal, where `NO_COLOR` does not ask for none (no-color.org). */
const isColoured = ({ isTTY }: { readonly isTTY?: boolean }): boolean =>
  isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** A line of standard output with its verdict in colour, so that a FAIL among many lines is seen. */
export function coloured(line: string, stream: { readonly isTTY?: boolean } = process.stdout): string {
  if (!isColoured(stream)) return line;
  for (const [pattern, tone] of verdicts) {
    const [found] = pattern.exec(line) ?? [];
    if (found !== undefined) return `\x1b[${codes[tone]}m${found}\x1b[0m${line.slice(found.length)}`;
  }
  return line;
}

/** Prints lines, verdicts in colour where people look. */
export function printLines(lines: Iterable<string>): void {
  for (const line of lines) console.log(coloured(line));
}
