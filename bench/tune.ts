import { inFolder } from './command.ts';
import { bestSpin } from './peers.ts';
import { own } from './profiles.ts';
import { compileSpin, runPan } from './spin.ts';
import { markdown } from './table.ts';

const base = '-DSAFETY -DNOREDUCE -DNOFAIR -DNOCLAIM -DMEMLIM=16000';
const candidates: readonly (readonly [string, string, string])[] = [
  ['best', bestSpin.flags.join(' '), '-w20'],
  ['-O2', `-O2 -DBFS -DNOCOMP -DNOVSZ ${base}`, '-w20'],
  ['with the vector size in the state', `-O3 -march=native -DBFS -DNOCOMP ${base}`, '-w20'],
  ["SPIN's own compression", `-O3 -march=native -DBFS ${base}`, '-w20'],
  ['other hash: -DMURMUR', `-O3 -march=native -DBFS -DNOCOMP -DMURMUR ${base}`, '-w20'],
  ['other hash: -DSFH', `-O3 -march=native -DBFS -DNOCOMP -DSFH ${base}`, '-w20'],
  ['-DCOLLAPSE', `-O3 -march=native -DBFS -DCOLLAPSE ${base}`, '-w20'],
  ['depth first', `-O3 -march=native -DNOCOMP ${base}`, '-w20 -m2000000'],
  ['depth first, minimised automaton', `-O3 -march=native -DMA=20 ${base}`, '-m2000000'],
];

/** SPIN's exact settings against one another, on six pages with own gpas. */
export async function tune(say: (line: string) => void): Promise<void> {
  const profile = own(6);
  const rows: string[][] = [];
  for (const [name, flags, options] of candidates)
    for (const refused of [true, false])
      await inFolder(async folder => {
        const defines = [`-DPAGES=${profile.pages}`, ...(refused ? ['-DREFUSED'] : [])];
        const settings = { flags: flags.split(' '), options: options.split(' '), defines };
        await compileSpin(profile.promela, folder, settings);
        const { states, search } = await runPan(folder, settings);
        const seconds = `${search.cpuSeconds?.toFixed(2)} s`;
        const memory = `${Math.round((search.peakBytes ?? NaN) / 2 ** 20)} MiB`;
        rows.push([name, refused ? 'self-loops' : 'left out', String(states), seconds, memory]);
      });
  say(markdown(['settings', 'refused calls', 'states', 'CPU', 'peak memory'], rows));
}
