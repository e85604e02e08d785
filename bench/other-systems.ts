import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systems } from '../systems/all.ts';
import { inFolder, run } from './command.ts';
import { markdown } from './table.ts';

const one = z.object({ states: z.number(), transitions: z.number() });
const several = z.object({ runs: z.array(one) });

/** The other systems, for which nobody has another model: all default profiles of each in one process. */
export async function otherSystems(runs: number): Promise<string> {
  const command = fileURLToPath(new URL('../cli/pagewarden.js', import.meta.url));
  const rows: string[][] = [];
  for (const { name } of systems.filter(family => family.name !== 'ownership')) {
    const taken = [];
    for (let turn = 0; turn < runs; turn++)
      taken.push(
        await inFolder(folder => run(process.execPath, [command, 'check', name, '--json'], folder)),
      );
    const [middle] = taken
      .sort((a, b) => a.cost.wallSeconds - b.cost.wallSeconds)
      .slice(Math.floor(runs / 2));
    if (middle === undefined) continue;
    const json: unknown = JSON.parse(middle.stdout);
    const explored = several.safeParse(json).data?.runs ?? [one.parse(json)];
    const sum = (of: 'states' | 'transitions'): string =>
      explored.reduce((total, found) => total + found[of], 0).toLocaleString('en-US');
    const { wallSeconds, cpuSeconds = NaN, peakBytes = NaN } = middle.cost;
    const megabytes = `${Math.round(peakBytes / 2 ** 20)} MiB`;
    const times = [wallSeconds, cpuSeconds].map(value => `${value.toFixed(2)} s`);
    rows.push([name, String(explored.length), sum('states'), sum('transitions'), ...times, megabytes]);
  }
  const head = ['system', 'profiles', 'states', 'calls', 'wall', 'CPU', 'peak memory'];
  return `**The other systems**, all default profiles, pagewarden alone\n\n${markdown(head, rows)}\n`;
}
