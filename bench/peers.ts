import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { learnRelations } from '../checker/index.ts';
import { toTla } from '../graphs/tla.ts';
import { ownership } from '../systems/ownership/index.ts';
import { type Cost, run } from './command.ts';
import { type BenchProfile, setText } from './profiles.ts';
import { compileSpin, runPan, spinIsMissing, type SpinSettings } from './spin.ts';
import { runTlc, tlcIsMissing } from './tlc.ts';

/** One measured run. */
export interface Sample {
  readonly states: number;
  /** Steps that the checker computed, as it counts them, without the initial state. */
  readonly calls: number;
  readonly cost: Cost;
  /** The search alone, where the program says so itself. */
  readonly searchSeconds?: number;
}

/** A checker on one profile, ready to be measured. */
export interface Contestant {
  readonly name: string;
  /** Whether it makes the refused calls too: its calls must then be as many as ours. */
  readonly makesRefused: boolean;
  /** What came before and is not counted. */
  readonly compile?: Cost;
  measure(): Promise<Sample>;
}

/** A checker, and why it cannot be asked here. */
export interface Peer {
  readonly name: string;
  missing(): string | undefined;
  prepare(profile: BenchProfile, folder: string): Promise<Contestant>;
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** SPIN's best exact settings, of those that `--tune` tries: whole states, breadth first, no compression. */
export const bestSpin: SpinSettings = {
  flags:
    '-O3 -march=native -DBFS -DNOCOMP -DNOVSZ -DSAFETY -DNOREDUCE -DNOFAIR -DNOCLAIM -DMEMLIM=16000'.split(
      ' ',
    ),
  options: [],
};

const counted = z.object({ states: z.number(), transitions: z.number(), seconds: z.number().optional() });

/** Runs one of our own programs as a process of its own; it prints an object with its counts. */
async function measureNode(args: readonly string[], folder: string): Promise<Sample> {
  const { code, stdout, stderr, cost } = await run(process.execPath, args, folder);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  const { states, transitions, seconds } = counted.parse(JSON.parse(stdout));
  return { states, calls: transitions, cost, ...(seconds === undefined ? {} : { searchSeconds: seconds }) };
}

/** The command itself, from the start of the process to its end: twin, properties, coverage and all. */
const pagewarden = (workers: number): Peer => {
  const name = workers === 1 ? 'pagewarden' : `pagewarden, ${workers} workers`;
  return {
    name,
    missing: () => undefined,
    prepare: async (profile, folder) => ({
      name,
      makesRefused: true,
      measure: () =>
        measureNode(
          [
            script('../cli/pagewarden.js'),
            ...['check', 'ownership', '--set', setText(profile), '--workers', String(workers), '--json'],
          ],
          folder,
        ),
    }),
  };
};

const spin = (refused: boolean): Peer => {
  const name = refused ? 'SPIN, refused calls as self-loops' : 'SPIN, without refused calls';
  return {
    name,
    missing: spinIsMissing,
    prepare: async (profile, folder) => {
      const own = join(folder, refused ? 'spin-refused' : 'spin');
      mkdirSync(own);
      const settings = {
        ...bestSpin,
        defines: [`-DPAGES=${profile.pages}`, ...(refused ? ['-DREFUSED'] : [])],
        options: [`-w${profile.hashBits}`],
      };
      const compile = await compileSpin(profile.promela, own, settings);
      const measure = async (): Promise<Sample> => {
        const { states, transitions, search, isComplete } = await runPan(own, settings);
        if (!isComplete) throw new Error(`${name} did not explore all of ${profile.name}`);
        return { states, calls: transitions - 1, cost: search };
      };
      return { name, makesRefused: refused, compile, measure };
    },
  };
};

const node = (name: string, program: (profile: BenchProfile) => string): Peer => ({
  name,
  missing: () => undefined,
  prepare: async (profile, folder) => ({
    name,
    makesRefused: true,
    measure: () => measureNode([script(program(profile)), String(profile.pages), setText(profile)], folder),
  }),
});

/** TLC on the exported module, asked for nothing but the counts. */
const tlc: Peer = {
  name: 'TLC',
  missing: tlcIsMissing,
  prepare: async (profile, folder) => {
    const relations = await learnRelations(ownership.build(profile.parameters));
    const own = join(folder, 'tlc');
    mkdirSync(own);
    writeFileSync(join(own, 'Model.tla'), toTla(relations, profile.name, 'Model'));
    writeFileSync(join(own, 'Model.cfg'), 'INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n');
    const measure = async (): Promise<Sample> => {
      const { states, generated, search } = await runTlc('Model', own);
      return { states, calls: generated - 1, cost: search };
    };
    return { name: 'TLC', makesRefused: true, measure };
  },
};

/** Us first, then those that are measured against. */
export const peers: readonly Peer[] = [
  pagewarden(1),
  pagewarden(2),
  spin(true),
  spin(false),
  tlc,
  node('@xstate/graph', () => 'peer-xstate.js'),
  node('plain', () => 'peer-plain.js'),
  node('hand-packed', ({ parameters }) =>
    parameters['gpas'] === 'own' ? 'peer-packed.js' : 'peer-packed-coupled.js',
  ),
];
