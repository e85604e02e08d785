import { Command } from 'commander';
import { addressHex, bitsNamed } from '../model/bits/index.ts';
import { explainExit, type WalkExitReason, walkExitReasons } from '../model/ept/index.ts';
import { CommandError, Exit } from './exit.ts';
import { bitsInWords } from './walk/narrative.ts';
import { numberFlag } from './walk/request.ts';

const reasons = Object.keys(walkExitReasons).join(', ');

function reasonFlag(text: string): WalkExitReason {
  const reason = ([48, 49, 62, 66] as const).find(
    one => String(one) === text || text.toLowerCase() === addressHex(BigInt(one)),
  );
  if (reason === undefined) {
    throw new CommandError(Exit.usage, `--reason: expected one of ${reasons}, got "${text}"`);
  }
  return reason;
}

/** The command `explain`. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('What an exit qualification says, bit by bit')
    .requiredOption('--qualification <word>', 'the exit qualification')
    .requiredOption('--reason <number>', `the basic exit reason: ${reasons}`)
    .option(
      '--json',
      'one JSON object: {"reason", "name", "qualification", "bits", "reservedBits", "notes"}',
    )
    .action((flags: { qualification: string; reason: string; json?: boolean }) => {
      const word = numberFlag('--qualification', flags.qualification);
      const { reservedBits, ...explained } = explainExit(reasonFlag(flags.reason), word);
      if (flags.json === true) {
        const said = {
          ...explained,
          qualification: addressHex(word),
          reservedBits: addressHex(reservedBits),
        };
        console.log(JSON.stringify(said, undefined, 2));
        return;
      }
      console.log(`${explained.name}, exit reason ${explained.reason}, qualification ${addressHex(word)}`);
      for (const line of bitsInWords(explained.bits)) console.log(line);
      for (const note of explained.notes) console.log(`  ${note}`);
      if (reservedBits !== 0n) {
        console.log(`  Reserved ${bitsNamed(reservedBits)} set, which no processor reports.`);
      }
    });
}
