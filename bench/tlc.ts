import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Relations } from '../checker/index.ts';
import { claimsOf } from '../graphs/claims.ts';
import { toTla } from '../graphs/tla.ts';
import { type Cost, isInstalled, run } from './command.ts';

/** TLC's archive, as `TLA2TOOLS_JAR` names it. */
const jar = process.env['TLA2TOOLS_JAR'];

/** Why TLC cannot be asked here, in one line. */
export function tlcIsMissing(): string | undefined {
  if (jar === undefined) return 'TLA2TOOLS_JAR does not name a tla2tools.jar';
  if (!existsSync(jar)) return `TLA2TOOLS_JAR=${jar} does not exist`;
  return isInstalled('java') ? undefined : 'no java here (apt-get install default-jre-headless)';
}

export interface TlcAnswer {
  readonly states: number;
  /** As TLC counts them: the initial state is one. */
  readonly generated: number;
  /** The keys of the claims that are false in some state, and `Known`. */
  readonly broken: ReadonlySet<string>;
  readonly isComplete: boolean;
  readonly search: Cost;
}

/**
 * Asks TLC about everything in one run: an invariant that is always true prints the name of every claim that is not.
 * TLC's own way to go on after a violation names only the first of several.
 */
function listener(relations: Relations): string {
  const keys = ['Known', ...claimsOf(relations).map(({ key }) => key)];
  return [
    '---- MODULE Listener ----',
    'EXTENDS Model, TLC',
    'Hear ==',
    ...keys.map(key => `  /\\ (${key} \\/ PrintT(<<"broken", "${key}">>))`),
    '====',
    '',
  ].join('\n');
}

export async function askTlc(relations: Relations, profile: string, folder: string): Promise<TlcAnswer> {
  writeFileSync(join(folder, 'Model.tla'), toTla(relations, profile, 'Model'));
  writeFileSync(join(folder, 'Listener.tla'), listener(relations));
  writeFileSync(
    join(folder, 'Listener.cfg'),
    'INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\nINVARIANT Hear\n',
  );
  const broken = new Set<string>();
  const heard = (line: string): boolean => {
    const claim = /^<<"broken", "(\w+)">>$/.exec(line);
    if (claim?.[1] !== undefined) broken.add(claim[1]);
    return claim === null;
  };
  const { states, generated, isComplete, search } = await runTlc('Listener', folder, heard);
  return { states, generated, broken, isComplete, search };
}

/** Runs TLC on a module in the folder, with the configuration beside it. */
export async function runTlc(
  module: string,
  folder: string,
  keep: (line: string) => boolean = () => true,
): Promise<Omit<TlcAnswer, 'broken'>> {
  // a home of its own in which TLC finds that nobody wants its statistics sent
  mkdirSync(join(folder, '.tlaplus'), { recursive: true });
  writeFileSync(join(folder, '.tlaplus', 'esc.txt'), 'NO_STATISTICS\n');
  const options = ['-XX:+UseParallelGC', `-Duser.home=${folder}`, '-cp', jar ?? '', 'tlc2.TLC'];
  const { stdout, cost } = await run(
    'java',
    [...options, '-workers', 'auto', '-nowarning', `${module}.tla`],
    folder,
    keep,
  );
  const counts = /([\d,]+) states generated, ([\d,]+) distinct states found, 0 states left/.exec(stdout);
  if (counts === null) throw new Error(`TLC did not finish:\n${stdout}`.slice(0, 3000));
  const [generated = NaN, states = NaN] = counts.slice(1).map(count => Number(count.replaceAll(',', '')));
  return {
    states,
    generated,
    isComplete: stdout.includes('No error has been found'),
    search: cost,
  };
}
