import { Command, InvalidArgumentError, Option } from 'commander';
import { write } from '../evidence/node/lines.ts';
import { pathVectors } from '../suites/walk-vectors/path-vectors.ts';
import { walkVectors } from '../suites/walk-vectors/walk-vectors.ts';
import { CommandError, Exit } from './exit.ts';
import { interruption } from './interruption.ts';
import { type PlaceFlags, placesFromFlags, withPlaceOptions } from './vector-places.ts';

interface Flags extends PlaceFlags {
  readonly cover: 'classes' | 'paths';
  readonly sample?: number;
}

const help = `
One JSON object a line: "id", "tags", "maxphyaddr", "eptp", "spptp", "controls", "state", "memory" (a word that is not listed is
zero), "access", "expect". "walk --jsonl" answers them.

--cover classes: each varies one entry of a quiet walk. --cover paths: one vector a path of every setting of "prove
spp-walk", the smallest memory of those that a walk cannot tell apart; tens of thousands, in a fixed order.
--sample N gives N of them, spread evenly.`;

export const vectorsCommand = (): Command =>
  withPlaceOptions(new Command('vectors'))
    .description(
      'Writes walk vectors: every class of every entry of the EPT and the SPPT, under every access',
    )
    .addOption(
      new Option('--cover <what>', 'what there is a vector for')
        .choices(['classes', 'paths'])
        .default('classes'),
    )
    .option('--sample <n>', 'paths: only so many, spread evenly', positive)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      process.exitCode = await writeVectors(chosen(flags));
    });

function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 on.');
}

function chosen({ cover, sample, ...places }: Flags): Iterable<Record<string, unknown>> {
  if (cover === 'classes') {
    if (sample === undefined) return walkVectors(placesFromFlags(places));
    throw new CommandError(Exit.usage, '--sample: a spread is of paths; add --cover paths');
  }
  const [flag] = Object.keys(places);
  if (flag === undefined) return pathVectors(sample);
  throw new CommandError(Exit.usage, `--${flag}: vectors of paths lie where the proof puts them`);
}

async function writeVectors(vectors: Iterable<Record<string, unknown>>): Promise<number> {
  const signal = interruption();
  for (const vector of vectors) {
    await write(process.stdout, `${JSON.stringify(vector)}\n`);
    if (signal.aborted) return Exit.partial;
  }
  return Exit.ok;
}
