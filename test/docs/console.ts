/** One command of a console block, what the page shows of its output, and the exit code that it shows. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
  readonly code: number;
}

/** The commands of a console block: lines after `$ `; `$ echo $?` shows the exit code of the command before. */
export function shownIn(block: string): readonly Shown[] {
  const parts = block
    .replace(/\n$/, '')
    .split(/^\$ /m)
    .slice(1)
    .map(part => part.split('\n'))
    .map(([command = '', ...output]) => ({ command, output: withoutLastEmpty(output) }));
  return parts.flatMap(({ command, output }, at): Shown[] => {
    if (command === 'echo $?') return [];
    const next = parts[at + 1];
    return [{ command, output, code: next?.command === 'echo $?' ? Number(next.output[0]) : 0 }];
  });
}

/** Empty lines at the end show nothing. */
const withoutLastEmpty = (lines: readonly string[]): readonly string[] =>
  lines.slice(0, lines.findLastIndex(line => line.trim() !== '') + 1);

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const lineIs = (shown: string, line: string): boolean =>
  shown === line.trimEnd() ||
  (shown.includes('…') && new RegExp(`^${shown.split('…').map(quoted).join('.*')}$`).test(line));

/**
 * Where the output stops being what is shown, or `undefined`: it is. A line that is `…` alone stands for any lines,
 * a `…` in a line for any characters.
 *
 * @returns the first line shown that the output does not have there, with what stands there
 */
export function difference(shown: readonly string[], output: string): string | undefined {
  const lines = withoutLastEmpty(output.split('\n'));
  let at = 0;
  let isGap = false;
  for (const wanted of shown) {
    if (wanted.trim() === '…') {
      isGap = true;
      continue;
    }
    const from = at;
    if (isGap) while (at < lines.length && !lineIs(wanted, lines[at] ?? '')) at++;
    if (at >= lines.length || !lineIs(wanted, lines[at] ?? ''))
      return `shown:  ${wanted}\nprinted: ${lines[from] ?? 'nothing more'}`;
    at++;
    isGap = false;
  }
  return isGap || at === lines.length ? undefined : `not shown: ${lines[at]}`;
}

/** A command line in words, quotes taken away. */
export const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
