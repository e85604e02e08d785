import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { translate } from '../model/ept/index.ts';
import type { OperationName } from '../model/pkvm/index.ts';
import { fromVector, walkVector } from '../oracle/protocol/walk-vector.ts';
import { normative } from '../oracle/implementations/index.ts';
import { type CallEvent, type Candidates, candidatesOf, type Machine, step } from '../oracle/step/index.ts';
import { Session } from '../oracle/protocol/session.ts';
import { walkVectors } from '../suites/walk-vectors/walk-vectors.ts';

/** What one core does: calls held against the specification, walks, and lines through the pipe. */

const seconds = 2;

/** How often `once` runs in a second of processor time, after a warm-up. */
function rate(once: () => void): number {
  const run = (forSeconds: number): number => {
    const start = process.cpuUsage();
    let [count, used] = [0, 0];
    while (used < forSeconds * 1e6) {
      for (let i = 0; i < 100; i++) once();
      count += 100;
      const { user, system } = process.cpuUsage(start);
      used = user + system;
    }
    return count / (used / 1e6);
  };
  run(0.5);
  return run(seconds);
}

const page = 0x1000n;
const machine: Machine = {
  ram: [{ start: 0n, end: 0x20_0000n }],
  vms: [
    { id: 2, kind: 'protected' },
    { id: 3, kind: 'normal' },
  ],
  initially: 'host owns all RAM',
};

/** Pages that go to a guest and come back, with refused calls in between, every result observed. */
const life: readonly (readonly [OperationName, number])[] = [
  ['host_donate_guest', 0],
  ['host_share_guest', -1],
  ['guest_share_host', 0],
  ['hyp_donate_host', -1],
  ['host_undonate_guest', 0],
];
const events: readonly CallEvent[] = Array.from({ length: 64 }, (_, i) => BigInt(i) * page).flatMap(at =>
  life.map(([name, ret]): CallEvent => {
    const vm = name === 'host_share_guest' ? 3 : 2;
    return { kind: 'call', name, args: { vm, hpa: at, gpa: at, size: page }, ret };
  }),
);

let candidates: Candidates = candidatesOf(machine, normative);
let next = 0;
const calls = rate(() => {
  const event = events[next++ % events.length];
  if (event === undefined) return;
  const { verdict, candidates: after } = step(candidates, event);
  if (verdict.verdict !== 'allowed') throw new Error(verdict.why);
  candidates = after;
});

const prepared = [...walkVectors()].map(vector => fromVector(walkVector.parse(vector)));
let at = 0;
const walks = rate(() => {
  const vector = prepared[at++ % prepared.length];
  if (vector !== undefined) translate(vector.memory, vector.cpu, vector.access);
});

const lineCount = 60_000;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const lines = Array.from({ length: lineCount }, (_, i) => {
  const { name, args, ret } = events[i % events.length] ?? { name: '', args: { size: 0n }, ret: 0 };
  const { vm, hpa = 0n, gpa = 0n } = args;
  return JSON.stringify({ op: 'call', name, vm, hpa: hex(hpa), gpa: hex(gpa), size: '0x1000', ret });
});
const hello = JSON.stringify({
  op: 'hello',
  ram: [['0x0', '0x200000']],
  vms: [
    { id: 2, kind: 'protected' },
    { id: 3, kind: 'normal' },
  ],
});
const session = new Session();
session.answerLine(hello);
let lineAt = 0;
const answered = rate(() => {
  JSON.stringify(session.answerLine(lines[lineAt++ % (events.length * 100)] ?? hello));
});

const begin = performance.now();
const { stdout } = spawnSync(
  process.execPath,
  [join(import.meta.dirname, '../cli/pagewarden.js'), 'oracle', 'serve'],
  { input: `${[hello, ...lines].join('\n')}\n`, encoding: 'utf8', maxBuffer: 2 ** 30 },
);
const elapsed = (performance.now() - begin) / 1000;
const answers = stdout.split('\n').length - 1;
if (answers !== lineCount + 1) throw new Error(`${answers} answers to ${lineCount + 1} lines`);

const shown = (value: number): string => Math.round(value).toLocaleString('en').padStart(10);
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, node ${process.version}`);
console.log(`${shown(calls)} checked calls a second of processor time, in the library`);
console.log(
  `${shown(walks)} walks a second of processor time, in the library (the readable walk: npm run bench:walk has the fast one)`,
);
console.log(`${shown(answered)} lines answered a second of processor time, JSON in and out`);
console.log(
  `${shown(lineCount / elapsed)} lines a second through the pipe, by the clock, start of the process included`,
);
