import { Command, Option } from 'commander';
import { checkTrace } from '../oracle/trace/index.ts';
import {
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
} from '../oracle/counted/index.ts';
import { normative } from '../oracle/implementations/index.ts';
import type { Machine, NamedCall } from '../oracle/step/index.ts';
import {
  type Cover,
  countedSuite,
  covers,
  ownershipSuite,
  type Suite,
  suiteAsC,
  suiteAsJson,
  suiteAsKunit,
  suiteAsKvmUnitTest,
  suiteAsRust,
  suiteOfCalls,
  systemSuite,
} from '../suites/index.ts';
import type { Profile, SystemFamily } from '../systems/system.ts';
import { choicesFrom, familyNamed } from './choice.ts';
import { once } from './once.ts';
import { CommandError, Exit } from './exit.ts';
import { textIn } from './read-file.ts';
import { type BootFlags, writeBootSuite } from './suite/boot.ts';
import { withPlaceOptions } from './vector-places.ts';
import { wholeNumber } from './whole-number.ts';

const formats = {
  json: (suite: Suite) => `${JSON.stringify(suiteAsJson(suite), undefined, 1)}\n`,
  c: suiteAsC,
  kunit: suiteAsKunit,
  'kvm-unit-tests': suiteAsKvmUnitTest,
  rust: suiteAsRust,
} as const;
type Format = keyof typeof formats;

interface Flags extends Omit<BootFlags, 'cover'> {
  readonly cover: Cover | 'paths';
  readonly format: Format | 'boot';
  readonly profile?: string;
  readonly calls?: string;
  readonly implementation?: string;
}

const help = `
Covers: transitions (every call in every state, refused ones too), refusals (every refused call in every state), pairs
(every two calls that change something, one after the other). Profiles are those of "pagewarden list". What the suite
guarantees is its first comment, the "guarantee" of the JSON, and a line on standard error.

c is one header: implement the callbacks of struct pagewarden_ops and call pagewarden_run(). kunit and kvm-unit-tests want
pagewarden_ops from the implementation; rust wants a trait implemented. "pagewarden schema suite" prints the JSON Schema.

spp-walk has boot: a small hypervisor for a PC (or Bochs), which builds the tables of each case, enters a guest, makes the
access and prints a JSON line; --out FOLDER gets its sources and build.sh, and "oracle check" judges what it printed. The
cases are those of "pagewarden vectors" and more (--cover paths: with paths of "prove spp-walk" as well), fitted to a processor of 40 address bits unless told otherwise.

counted-sharing is of the code that counts: --implementation x86-2026, arm64-mainline, arm64-6.12 and so on; table
PAGEWARDEN_RECORD is the record of a page, and on arm64 pages and frames are given as addresses.
Every other system gives its suite as json: its own calls, their results, and every slot of its state after each
("pagewarden schema system-suite").`;

export const suiteCommand = (): Command =>
  withPlaceOptions(new Command('suite'))
    .description('Generates a test suite for an implementation from the proven model')
    .argument('<system>', 'a system; all formats for ownership and counted-sharing, json for the others')
    .addOption(
      new Option('--cover <what>', 'what the suite covers')
        .choices([...covers, 'paths'])
        .default('transitions'),
    )
    .addOption(
      new Option('--format <format>', 'what is written')
        .choices([...Object.keys(formats), 'boot'])
        .default('json'),
    )
    .option(
      '--profile <name>',
      "the size of the model: the system's first profile where none is named",
      once,
    )
    .option(
      '--calls <file>',
      'one test from these calls (requests of "oracle serve", one a line) instead of a cover',
    )
    .option('--sample <n>', 'boot, with --cover paths: how many paths beside the vectors', wholeNumber)
    .option('--out <folder>', 'boot: where the sources of the hypervisor are written')
    .option(
      '--implementation <name>',
      'of counted-sharing: whose answers are expected, x86-2026 where none is named',
      once,
    )
    .addHelpText('after', help)
    .action(async (system: string, flags: Flags) => {
      if (flags.format === 'boot') {
        if (system !== 'spp-walk')
          throw new CommandError(Exit.usage, `--format boot is of spp-walk, not of ${system}`);
        writeBootSuite(flags);
        return;
      }
      const counted = countedFor(system, flags);
      if (counted !== undefined) return write(countedSuite(counted, ofCalls(flags.cover)), flags.format);
      if (system !== 'ownership') {
        await writeSystemSuite(await familyNamed(system), flags);
        return;
      }
      const suite = flags.calls === undefined ? await covering(flags) : fromCalls(flags.calls);
      write(suite, flags.format);
    });

/** The implementation whose suite is asked for, where it is one that counts. */
function countedFor(system: string, { implementation, profile }: Flags): CountedImplementation | undefined {
  if (profile !== undefined && implementation === undefined) return undefined;
  if (system !== 'counted-sharing') {
    if (implementation !== undefined)
      throw new CommandError(
        Exit.usage,
        `--implementation: the answers of ${system} are the specification's`,
      );
    return undefined;
  }
  const name = implementation ?? 'x86-2026';
  const found = countedImplementationNamed(name);
  if (found === undefined)
    throw new CommandError(
      Exit.usage,
      `no implementation that counts is called ${name}: there are ${countedImplementations.map(known => known.name).join(', ')}`,
    );
  return found;
}

function write(suite: Suite, format: Format): void {
  process.stdout.write(formats[format](suite));
  console.error(`pagewarden: guarantee: ${suite.guarantee.sentence}`);
  if (suite.guarantee.covered < suite.guarantee.of) process.exitCode = Exit.partial;
}

async function covering({ profile: name, cover }: Flags): Promise<Suite> {
  const profile = await profileOf(await familyNamed('ownership'), name);
  return withinLimits(() => ownershipSuite(profile.name, profile.parameters, ofCalls(cover)));
}

/** The calls of any other system, as JSON: the other formats are those of the page-state API. */
async function writeSystemSuite(
  family: SystemFamily,
  { profile: name, cover, format, calls }: Flags,
): Promise<void> {
  if (format !== 'json' || calls !== undefined) {
    const what = calls === undefined ? `--format ${format}` : '--calls';
    throw new CommandError(
      Exit.usage,
      `${what}: ${family.name} has no calls of the page-state API; --format json has its suite`,
    );
  }
  const profile = await profileOf(family, name);
  const suite = withinLimits(() =>
    systemSuite(family.build(profile.parameters), profile.name, ofCalls(cover)),
  );
  process.stdout.write(`${JSON.stringify(suite, undefined, 1)}\n`);
  console.error(`pagewarden: guarantee: ${suite.guarantee.sentence}`);
  if (suite.guarantee.covered < suite.guarantee.of) process.exitCode = Exit.partial;
}

/** What a suite of calls can cover. */
function ofCalls(cover: Flags['cover']): Cover {
  if (cover !== 'paths') return cover;
  throw new CommandError(Exit.usage, `--cover paths goes with --format boot; calls: ${covers.join(', ')}`);
}

async function profileOf(family: SystemFamily, name: string | undefined): Promise<Profile> {
  const [choice] = name === undefined ? [] : await choicesFrom([family.name], { profile: name });
  const wanted = choice?.profile ?? family.profiles[0]?.name;
  const profile = family.profiles.find(known => known.name === wanted);
  if (profile === undefined) throw new CommandError(Exit.usage, `${family.name} has no profiles`);
  return profile;
}

/** A size that is too large for a suite is a usage error. */
function withinLimits<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(Exit.usage, error.message);
    throw error;
  }
}

function fromCalls(file: string): Suite {
  const calls: NamedCall[] = [];
  let machine: Machine = { ram: 'any', vms: 'any', initially: 'host owns all RAM' };
  const report = checkTrace(textIn(file).split('\n'), {
    implementation: normative,
    onEvent: (event, candidates) => {
      machine = candidates.machine;
      if (event.kind === 'call') calls.push({ name: event.name, args: event.args });
    },
  });
  const [first] = report.unparsed.first;
  if (first !== undefined) throw new CommandError(Exit.badInput, `${file}:${first.line}: ${first.why}`);
  const suite = suiteOfCalls(machine, normative, calls);
  if (suite === undefined || calls.length === 0)
    throw new CommandError(Exit.badInput, `${file}: no calls of which the results are known`);
  return suite;
}
