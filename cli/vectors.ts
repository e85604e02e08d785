import { Command } from 'commander';
import { write } from '../evidence/node/lines.ts';
import { walkVectors } from '../suites/walk-vectors/walk-vectors.ts';
import { type PlaceFlags, placesFromFlags, withPlaceOptions } from './vector-places.ts';

const help = `
One JSON object a line: "id", "tags", "maxphyaddr", "eptp", "spptp", "controls", "state", "memory" (a word that is not listed is
zero), "access", "expect". Each varies one entry of a quiet walk; "walk --jsonl" answers them.`;

export const vectorsCommand = (): Command =>
  withPlaceOptions(new Command('vectors'))
    .description(
      'Writes walk vectors: every class of every entry of the EPT and the SPPT, under every access',
    )
    .addHelpText('after', help)
    .action(async (flags: PlaceFlags) => {
      for (const vector of walkVectors(placesFromFlags(flags)))
        await write(process.stdout, `${JSON.stringify(vector)}\n`);
    });
