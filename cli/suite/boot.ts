import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bootCases, type BootCases, bootPlaces, caseTable, unbootable } from '../../suites/boot/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { type PlaceFlags, placesFromFlags } from '../vector-places.ts';

/** The hypervisor's sources, from this file's own place: in the sources, and from the built package. */
const sources = ['../../suites/boot/hypervisor', '../../../suites/boot/hypervisor']
  .map(place => resolve(import.meta.dirname, place))
  .find(place => existsSync(join(place, 'boot.S')));

/** Paths that go onto an image beside the vectors, where no number is named. */
const usualSample = 1_000;

export interface BootFlags extends PlaceFlags {
  readonly out?: string;
  /** `paths`: beside the vectors, paths of the proof. */
  readonly cover?: string;
  readonly sample?: number;
}

/** Writes the sources of a bootable test hypervisor and its cases into a folder, and says what it will run. */
export function writeBootSuite(flags: BootFlags): void {
  if (flags.out === undefined) throw new CommandError(Exit.usage, '--format boot needs --out FOLDER');
  const places = placesFromFlags(flags, bootPlaces);
  const problem = unbootable(places);
  if (problem !== undefined) throw new CommandError(Exit.usage, problem);
  if (flags.sample !== undefined && flags.cover !== 'paths')
    throw new CommandError(Exit.usage, '--sample: a spread is of paths; add --cover paths');
  const suite = bootCases(places, flags.cover === 'paths' ? (flags.sample ?? usualSample) : 0);
  writeSources(flags.out, [...caseTable(suite.cases, places)]);
  for (const line of said(suite, flags.out)) console.error(`pagewarden: ${line}`);
}

function writeSources(folder: string, table: readonly string[]): void {
  if (sources === undefined) throw new CommandError(Exit.fault, "the hypervisor's sources are not here");
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(sources)) copyFileSync(join(sources, name), join(folder, name));
    writeFileSync(join(folder, 'cases.h'), `${table.join('\n')}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CommandError(Exit.badInput, `--out ${folder}: ${error.message}`);
  }
}

function* said({ cases, leftOut }: BootCases, folder: string): Generator<string> {
  yield `${cases.length} cases; build them with: sh ${join(folder, 'build.sh')}`;
  for (const [why, count] of leftOut) yield `left out: ${count} with ${why}`;
}
