const INTERVAL_MS = 100;

/** One line on the terminal that says where a proof is; nothing at all in a pipe. */
export function proofProgress(title: string): { show(line: string): void; clear(): void } {
  const isTerminal = process.stderr.isTTY === true;
  let last = -Infinity;
  return {
    show(line) {
      const now = performance.now();
      if (!isTerminal || now - last < INTERVAL_MS) return;
      last = now;
      const width = process.stderr.columns ?? 120;
      process.stderr.write(`\r\x1b[2K${`prove ${title}   ${line}`.slice(0, width - 1)}`);
    },
    clear() {
      if (isTerminal) process.stderr.write('\r\x1b[2K');
    },
  };
}
