import { cpus } from 'node:os';
import { inFolder } from './command.ts';
import { type Contestant, peers, type Sample } from './peers.ts';
import { type BenchProfile, coupled, own } from './profiles.ts';
import { otherSystems } from './other-systems.ts';
import { type Result, resultRows, tableText } from './table.ts';
import { tune } from './tune.ts';

const usage = `usage: bench [--quick] [--large] [--runs N] [--json] [--tune]

  --quick   4 and 5 pages with own gpas, one run
  --large   also 8 pages with own gpas (16,777,216 states) and 6 pages with shared ones (18,430,480)
  --runs N  medians of N runs (default 3)
  --tune    instead, SPIN's exact settings against one another`;

const flags = process.argv.slice(2);
const has = (flag: string): boolean => flags.includes(flag);
const runsAt = flags.indexOf('--runs');
const runs = runsAt < 0 ? (has('--quick') ? 1 : 3) : Number(flags[runsAt + 1]);
const known = ['--quick', '--large', '--runs', '--json', '--tune'];
if (
  !Number.isInteger(runs) ||
  runs < 1 ||
  flags.some(flag => flag.startsWith('--') && !known.includes(flag))
) {
  console.error(usage);
  process.exit(1);
}
const say = (line: string): void => (has('--json') ? console.error(line) : console.log(line));

function profiles(): readonly BenchProfile[] {
  if (has('--quick')) return [4, 5].map(own);
  return [
    ...[4, 5, 6, 7, ...(has('--large') ? [8] : [])].map(own),
    ...[5, ...(has('--large') ? [6] : [])].map(coupled),
  ];
}

/** Whoever takes longer runs once. */
const PATIENCE_SECONDS = 40;

/** One run of everybody after the other, so that what else the machine does falls on all alike. */
async function measure(profile: BenchProfile, folder: string): Promise<readonly Result[]> {
  const contestants: Contestant[] = [];
  for (const peer of peers)
    if (peer.missing() === undefined && !profile.without.includes(peer.name))
      contestants.push(await peer.prepare(profile, folder));
  const samples = new Map<Contestant, Sample[]>(contestants.map(contestant => [contestant, []]));
  for (let turn = 0; turn < runs; turn++)
    for (const [contestant, taken] of samples)
      if (taken.every(({ cost }) => cost.wallSeconds < PATIENCE_SECONDS))
        taken.push(await contestant.measure());
  return [...samples].map(([contestant, taken]) => ({ contestant, samples: taken }));
}

/** SPIN prints large counts with eight digits. */
const isSameCount = (one: number, other: number): boolean => one.toPrecision(7) === other.toPrecision(7);

/** What the checkers do not agree on: then no time means anything. */
function disagreements(results: readonly Result[]): readonly string[] {
  const [first, ...others] = results.flatMap(({ contestant, samples }) =>
    samples.map(sample => ({ contestant, sample })),
  );
  if (first === undefined) return [];
  return others.flatMap(({ contestant: { name, makesRefused }, sample: { states, calls } }) => [
    ...(states === first.sample.states ? [] : [`${name} found ${states} states`]),
    ...(!makesRefused || isSameCount(calls, first.sample.calls) ? [] : [`${name} made ${calls} calls`]),
  ]);
}

async function bench(): Promise<void> {
  for (const peer of peers) {
    const missing = peer.missing();
    if (missing !== undefined) say(`${peer.name} is skipped: ${missing}`);
  }
  const [cpu] = cpus();
  say(`${cpus().length} cores of ${cpu?.model}, Node ${process.version}, medians of ${runs}.\n`);
  const all: object[] = [];
  for (const profile of profiles()) {
    const results = await inFolder(folder => measure(profile, folder));
    const wrong = disagreements(results);
    say(tableText(profile, results));
    all.push({ profile: profile.name, rows: resultRows(results), disagreements: wrong });
    if (wrong.length === 0) continue;
    console.error(`${profile.name}: the counts do not agree: ${wrong.join('; ')}`);
    process.exitCode = 70;
  }
  if (!has('--quick')) say(await otherSystems(runs));
  if (has('--json')) console.log(JSON.stringify(all, null, 2));
}

await (has('--tune') ? tune(say) : bench());
