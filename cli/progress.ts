import type { Progress } from '../checker/index.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const short = (value: number): string =>
  value >= 1e6
    ? `${(value / 1e6).toFixed(1)}M`
    : value >= 1e3
      ? `${Math.round(value / 1e3)}k`
      : String(Math.round(value));
const MEGABYTE = 1024 * 1024;

/**
 * One line on the terminal, rewritten as the run goes on; nothing at all in a pipe. The rate is over the last sample,
 * so it is never the average of a start-up.
 */
export function progressLine(
  title: string,
  isQuiet: boolean,
): { show(sample: Progress): void; clear(): void } {
  const isTerminal = process.stderr.isTTY === true && !isQuiet;
  let last: Progress | undefined;
  return {
    show(sample) {
      if (!isTerminal) return;
      const interval = sample.seconds - (last?.seconds ?? 0);
      const rate = interval > 0 ? `${short((sample.states - (last?.states ?? 0)) / interval)}/s` : '';
      const trend = last === undefined || sample.frontier >= last.frontier ? '^' : 'v';
      const parts = [
        `check ${title}`,
        `level ${sample.level}`,
        `frontier ${count(sample.frontier)} ${trend}`,
        `distinct ${count(sample.states)} (${rate})`,
        `generated ${short(sample.transitions)}`,
        `mem ${count(sample.bytes / MEGABYTE)} MB`,
        `${sample.seconds.toFixed(1)} s`,
      ];
      const width = process.stderr.columns ?? 120;
      process.stderr.write(`\r\x1b[2K${parts.join('   ').slice(0, width - 1)}`);
      last = sample;
    },
    clear() {
      if (isTerminal) process.stderr.write('\r\x1b[2K');
    },
  };
}

/** The same for a text that is read: how many lines so far, and how fast. */
export function lineProgress(
  title: string,
  isQuiet: boolean,
): { show(lines: number): void; clear(): void } {
  const isTerminal = process.stderr.isTTY === true && !isQuiet;
  const start = performance.now();
  let last = start;
  return {
    show(lines) {
      const now = performance.now();
      if (!isTerminal || now - last < 200) return;
      last = now;
      const rate = short(lines / ((now - start) / 1000));
      process.stderr.write(`\r\x1b[2K${title}   ${count(lines)} lines   ${rate}/s`);
    },
    clear() {
      if (isTerminal) process.stderr.write('\r\x1b[2K');
    },
  };
}
