import type { TextGrammar } from './text-grammar.ts';

/** WinDbg, `!dq 10000 L2`: physical memory, lines marked with `#`, words cut by a backtick. `!dd` has half words. */
const windbg: TextGrammar = {
  format: 'windbg',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match =
      /^#\s*([0-9a-f]{1,8}(?:`[0-9a-f]{1,8})?)((?:\s+(?:[0-9a-f]{8}`[0-9a-f]{8}|[0-9a-f]{8}))+)\s*$/i.exec(
        line,
      );
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : {
          address: match[1].replace('`', ''),
          cells: match[2]
            .trim()
            .split(/\s+/)
            .map(cell => cell.replace('`', '')),
        };
  },
};

/** The Bochs debugger, `xp /512gx 0x10000`: `0x0000000000010000 <bogus+       0>:` and tabs between the words. */
const bochs: TextGrammar = {
  format: 'bochs',
  order: 'words',
  addresses: 'memory',
  row: line => {
    const match = /^0x([0-9a-f]{8,16}) <bogus\+\s*\d+>:((?:\s+0x(?:[0-9a-f]{16}|[0-9a-f]{8}))+)\s*$/.exec(
      line,
    );
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : {
          address: match[1],
          cells: match[2]
            .trim()
            .split(/\s+/)
            .map(cell => cell.slice(2)),
        };
  },
};

/** The debuggers' formats: stricter than gdb's, which a line of Bochs would also be. */
export const debuggerGrammars: readonly TextGrammar[] = [bochs, windbg];
