import { Command } from 'commander';
import { addressHex } from '../model/bits/index.ts';
import { bytesOf, textsOf, readDump } from '../evidence/dumps/index.ts';
import { type Fact, lineReaders, readPaste } from '../evidence/paste/index.ts';
import { conclude, type Conclusion } from '../oracle/conclusions/index.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { bytesIn } from './read-file.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  readonly maxphyaddr: number;
  readonly json?: true;
}

const help = `
Recognised are: ${lineReaders.map(({ name, about }) => `\n  ${name}: ${about}`).join('')}
  memory dump: of QEMU, gdb, crash, WinDbg, the Bochs debugger, hexdump, xxd, od, ELF, raw with @address, or our own JSON
Lines may be quoted or wrapped by a mail program and may carry the prefix of any logger.

Output of --json: {"recognised": [{"format", "lines"}], "passed", "facts", "conclusions": [{"about", "verdict", "lines",
"missing"?}]}. The exit code is ${Exit.ok} if something was recognised, ${Exit.unknown} if what was recognised leaves something unknown, ${Exit.badInput} if
nothing was recognised.`;

export const readCommand = (): Command =>
  new Command('read')
    .description('Recognises a pasted log, trace or dump, and explains what is in it')
    .argument('[file]', 'the text, or - for standard input', '-')
    .option('--maxphyaddr <bits>', 'physical-address width', wholeNumber, 52)
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action((file: string, flags: Flags) => {
      const bytes = bytesIn(file);
      const memory = memoryIn(bytes);
      const { facts, events, recognised, passed } = readPaste(
        memory === undefined ? textsOf(bytesOf(bytes)) : [],
      );
      const conclusions =
        memory === undefined
          ? conclude(facts, { maxPhysicalAddressWidth: flags.maxphyaddr }, events)
          : [memory];
      const formats = [
        ...(memory === undefined ? [] : [{ format: 'memory dump', lines: 0 }]),
        ...[...recognised].map(([format, lines]) => ({ format, lines })),
      ];
      if (formats.length === 0)
        throw new CommandError(
          Exit.badInput,
          `${file === '-' ? 'standard input' : file}: nothing in it is recognised; read are ${lineReaders.map(({ name }) => name).join(', ')} and memory dumps`,
        );
      if (flags.json === true)
        console.log(
          JSON.stringify(
            { recognised: formats, passed, facts: facts.map(factJson), conclusions },
            undefined,
            2,
          ),
        );
      else for (const line of textOf(formats, passed, conclusions)) console.log(line);
      process.exitCode = exitOf(conclusions);
    });

/** A dump of memory is told by what it is, and where to go on. */
function memoryIn(bytes: Uint8Array): Conclusion | undefined {
  const result = readDump(bytesOf(bytes));
  if (!result.ok) return undefined;
  const { format, ranges, notes } = result.dump;
  const held = ranges.slice(0, 10).map(({ start, end }) => `${addressHex(start)}-${addressHex(end)}`);
  return {
    about: `physical memory, as ${format}`,
    verdict: 'told',
    lines: [
      `holds ${held.join(', ')}${ranges.length > 10 ? ` and ${ranges.length - 10} more ranges` : ''}`,
      ...notes,
      'to walk it: pagewarden walk --mem FILE --eptp EPTP --gpa ADDRESS --access read',
    ],
  };
}

const factJson = (fact: Fact): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fact).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? addressHex(value) : value,
    ]),
  );

function exitOf(conclusions: readonly Conclusion[]): ExitCode {
  if (conclusions.some(({ verdict }) => verdict === 'forbidden' || verdict === 'impossible'))
    return Exit.forbidden;
  return conclusions.some(({ verdict }) => verdict === 'unknown') ? Exit.unknown : Exit.ok;
}

function* textOf(
  formats: readonly { readonly format: string; readonly lines: number }[],
  passed: number,
  conclusions: readonly Conclusion[],
): Generator<string> {
  const named = formats.map(({ format, lines }) =>
    lines === 0 ? format : `${format} (${lines} line${lines === 1 ? '' : 's'})`,
  );
  yield `recognised: ${named.join(', ')}${passed === 0 ? '' : `; ${passed} line${passed === 1 ? '' : 's'} passed over`}`;
  for (const { about, verdict, lines, missing } of conclusions) {
    yield `${about}${verdict === 'told' ? '' : `: ${verdict}`}`;
    for (const line of lines) yield `  ${line}`;
    for (const line of missing ?? []) yield `  missing: ${line}`;
  }
}
