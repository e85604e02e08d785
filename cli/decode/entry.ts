import { addressHex, wordHex } from '../../model/bits/index.ts';
import { cpuWith, describeEntry, type Level, mapsPage, misconfigurations } from '../../model/ept/index.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { numberFlag } from '../walk/request.ts';

interface EntryFlags {
  readonly level?: string;
  readonly eptp?: string;
  readonly maxphyaddr: string;
  readonly json?: true;
}

/** Says what one entry of an EPT holds, and every reason for which the processor refuses it. */
export function decodeEntry(text: string, flags: EntryFlags): ExitCode {
  const word = numberFlag('--entry', text);
  const level = levelIn(flags.level);
  const width = Number(flags.maxphyaddr);
  if (!Number.isInteger(width) || width < 36 || width > 52)
    throw new CommandError(Exit.usage, `--maxphyaddr: expected 36 to 52, got ${flags.maxphyaddr}`);
  const eptp = flags.eptp === undefined ? 0x1en : numberFlag('--eptp', flags.eptp);
  const cpu = cpuWith({ eptp, maxPhysicalAddressWidth: width });
  const isPage = mapsPage(level, word);
  const { name, fields } = describeEntry({ table: 'ept', level, address: 0n, word });
  const isPresent = ['read', 'write', 'execute'].some(right => fields[right] === true);
  const wrong = isPresent
    ? misconfigurations
        .filter(check => check.holds({ level, word, isPage, cpu }))
        .map(check => check.found?.({ level, word, isPage, cpu }) ?? check.rule)
    : [];
  const maps = !isPresent ? 'nothing: not present' : isPage ? 'a page' : 'a table';
  const shown = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      typeof value === 'bigint' ? addressHex(value) : value,
    ]),
  );
  if (flags.json === true)
    console.log(
      JSON.stringify(
        { name, word: wordHex(word), fields: shown, maps, misconfigured: wrong },
        undefined,
        2,
      ),
    );
  else {
    console.log(`${name} ${wordHex(word)}: refers to ${maps}`);
    for (const [field, value] of Object.entries(shown)) console.log(`  ${field}: ${String(value)}`);
    for (const reason of wrong) console.log(`MISCONFIGURED: ${reason}`);
  }
  return wrong.length > 0 ? Exit.forbidden : Exit.ok;
}

function levelIn(text: string | undefined): Level {
  const level = ([1, 2, 3, 4, 5] as const).find(one => String(one) === text);
  if (level === undefined)
    throw new CommandError(
      Exit.usage,
      `--level: expected 1 (PTE) to 5 (PML5E) beside --entry, got ${text ?? 'none'}`,
    );
  return level;
}
