import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNKNOWN_CALL } from '../graphs/promela.ts';
import { type Cost, type Ended, isInstalled, run } from './command.ts';

/** Why SPIN cannot be asked here, in one line. */
export const spinIsMissing = (): string | undefined =>
  ['spin', 'gcc'].every(isInstalled) ? undefined : 'no spin or no gcc here (apt-get install spin gcc)';

export interface SpinAnswer {
  readonly states: number;
  /** As SPIN counts them: the initial state is one. */
  readonly transitions: number;
  /** The numbers of the assertions that failed: `assert(3 == 0)` has the number 3. */
  readonly failed: ReadonlySet<number>;
  /** Whether everything was explored. */
  readonly isComplete: boolean;
  readonly compile: Cost;
  readonly search: Cost;
}

export interface SpinSettings {
  /** For `gcc`. */
  readonly flags: readonly string[];
  /** For `pan`. */
  readonly options: readonly string[];
  /** For `spin`. */
  readonly defines?: readonly string[];
}

/** How generated models are explored: breadth first, every transition, all errors heard of, compiled in no time. */
export const opinionSettings: SpinSettings = {
  flags: ['-O0', '-DSAFETY', '-DNOREDUCE', '-DBFS', '-DVECTORSZ=65536'],
  options: ['-c0'],
};

/** Compiles a Promela model to the program `pan` in the folder. */
export async function compileSpin(model: string, folder: string, settings: SpinSettings): Promise<Cost> {
  if (model.endsWith('.pml')) copyFileSync(model, join(folder, 'model.pml'));
  else writeFileSync(join(folder, 'model.pml'), model);
  const spin = checked(await run('spin', [...(settings.defines ?? []), '-a', 'model.pml'], folder));
  const gcc = checked(await run('gcc', ['-w', ...settings.flags, '-o', 'pan', 'pan.c'], folder));
  return {
    wallSeconds: spin.cost.wallSeconds + gcc.cost.wallSeconds,
    cpuSeconds: (spin.cost.cpuSeconds ?? NaN) + (gcc.cost.cpuSeconds ?? NaN),
    peakBytes: Math.max(spin.cost.peakBytes ?? NaN, gcc.cost.peakBytes ?? NaN),
  };
}

/** Runs the program `pan` in the folder. */
export async function runPan(
  folder: string,
  { options }: SpinSettings,
): Promise<Omit<SpinAnswer, 'compile'>> {
  const failed = new Set<number>();
  const heard = (line: string): boolean => {
    const assertion = /assertion violated \((\d+)==0\)/.exec(line);
    if (assertion !== null) failed.add(Number(assertion[1]));
    return assertion === null;
  };
  const ended = await run('./pan', options, folder, heard);
  const { stdout, cost } = checked(ended);
  return {
    states: numberIn(stdout, /([\d.e+]+) states, stored/),
    transitions: numberIn(stdout, /([\d.e+]+) transitions \(= stored\+matched\)/),
    failed,
    isComplete: !/Search not completed|max search depth too small|out of memory/.test(stdout),
    search: cost,
  };
}

/** Asks SPIN about a model, from its text to its verdicts. */
export async function askSpin(model: string, folder: string, settings: SpinSettings): Promise<SpinAnswer> {
  const compile = await compileSpin(model, folder, settings);
  return { compile, ...(await runPan(folder, settings)) };
}

export const isUnknownCall = (assertion: number): boolean => assertion >= UNKNOWN_CALL;

function checked(ended: Ended): Ended {
  if (ended.code !== 0)
    throw new Error(`ended with ${ended.code}: ${ended.stderr || ended.stdout}`.slice(0, 2000));
  return ended;
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`SPIN printed no ${pattern.source}:\n${text}`.slice(0, 2000));
  return Number(found);
}
