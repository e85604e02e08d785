import type { Contestant, Sample } from './peers.ts';
import type { BenchProfile } from './profiles.ts';

export interface Result {
  readonly contestant: Contestant;
  readonly samples: readonly Sample[];
}

/** One line of a table: medians. */
export interface Row {
  readonly checker: string;
  readonly states: number;
  readonly calls: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly compileSeconds?: number;
  /** How often our own wall time, and our own CPU time, fits into it. */
  readonly times: number;
  readonly cpuTimes: number;
}

function median(values: readonly (number | undefined)[]): number {
  const sorted = values.filter(value => value !== undefined).sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [below = NaN, above = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}

export function resultRows(results: readonly Result[]): readonly Row[] {
  const runs = Math.max(...results.map(({ samples }) => samples.length));
  const medians = results.map(({ contestant, samples }) => ({
    checker: samples.length === 1 && runs > 1 ? `${contestant.name} (one run)` : contestant.name,
    states: samples[0]?.states ?? NaN,
    calls: samples[0]?.calls ?? NaN,
    wallSeconds: median(samples.map(({ cost }) => cost.wallSeconds)),
    cpuSeconds: median(samples.map(({ cost }) => cost.cpuSeconds)),
    peakBytes: median(samples.map(({ cost }) => cost.peakBytes)),
    ...(contestant.compile === undefined ? {} : { compileSeconds: contestant.compile.wallSeconds }),
  }));
  const [ours] = medians;
  return medians.map(row => ({
    ...row,
    times: row.wallSeconds / (ours?.wallSeconds ?? NaN),
    cpuTimes: row.cpuSeconds / (ours?.cpuSeconds ?? NaN),
  }));
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const mebibytes = (value: number): string => `${whole(value / 2 ** 20)} MiB`;
const rate = (value: number): string =>
  value >= 1e6 ? `${(value / 1e6).toFixed(1)} M/s` : `${(value / 1e3).toFixed(0)} k/s`;

/** Cells as a Markdown table whose columns line up in a terminal, too. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** What was measured on one profile. */
export function tableText({ name, about }: BenchProfile, results: readonly Result[]): string {
  const rows = resultRows(results);
  const [ours] = rows;
  const compiled = rows
    .filter(({ compileSeconds }) => compileSeconds !== undefined)
    .map(({ checker, compileSeconds = NaN }) => `${checker}: ${seconds(compileSeconds)}`);
  return [
    `**${name}**: ${whole(ours?.states ?? NaN)} states, ${whole(ours?.calls ?? NaN)} calls (${about})`,
    '',
    markdown(
      ['checker', 'wall', 'CPU', 'peak memory', 'states', 'calls', 'times our wall', 'times our CPU'],
      rows.map(row => [
        row.checker,
        seconds(row.wallSeconds),
        seconds(row.cpuSeconds),
        mebibytes(row.peakBytes),
        rate(row.states / row.wallSeconds),
        rate(row.calls / row.wallSeconds),
        row.times.toFixed(1),
        row.cpuTimes.toFixed(1),
      ]),
    ),
    '',
    `Of our wall ${seconds(median((results[0]?.samples ?? []).map(({ searchSeconds }) => searchSeconds)))} is the search; the rest is Node starting.`,
    ...(compiled.length === 0 ? [] : ['', `Compiling is left out: ${compiled.join(', ')}.`]),
    '',
  ].join('\n');
}
