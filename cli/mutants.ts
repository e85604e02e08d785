import { Command } from 'commander';
import { type Property, traceJson } from '../checker/index.ts';
import type { SystemFamily } from '../systems/system.ts';
import { bestKiller, type Trial, tryMutant } from '../systems/trial.ts';
import { familiesNamed } from './choice.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { showCall, traceLines } from './print-trace.ts';
import { wholeNumber } from './whole-number.ts';

interface MutantsOptions {
  readonly only?: string;
  readonly maxStates: number;
  readonly attacks?: boolean;
  readonly json?: boolean;
}

/** One system's mutants, tried. */
interface Result {
  readonly family: SystemFamily;
  readonly trials: readonly Trial[];
  /** `always` and `step` properties that no mutant violates: sentences that nothing here shows can fail. */
  readonly unkilled: readonly Property[];
}

export const mutantsCommand = (): Command =>
  new Command('mutants')
    .description('what each check is worth: every mutant, what kills it, and the shortest attack')
    .argument('[system...]', 'only the mutants of these systems')
    .option('--only <mutant>', 'only this mutant')
    .option('--max-states <n>', 'give a mutant no more states than this', wholeNumber, 20_000)
    .option('--attacks', 'print each shortest attack in full')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Verdicts: killed (a property, the twin or a deadlock tells it from the specification), equivalent (every distinct
step is the same, proved by comparing them all), survived (a step differs and nothing noticed), undecided (the bound
on states was hit first).

--json prints { systems: [{ system, mutants: [{ name, about, source, profile, verdict, killedBy: [{ name, kind,
property, why, length }], attack }], unkilled: [property names] }] }.`,
    )
    .action(async (names: string[], options: MutantsOptions) => {
      const signal = interruption();
      const families = await familiesNamed(names);
      process.exitCode = await mutants(havingMutant(families, options.only), options, signal);
    });

/** Those of the systems that have the mutant, all where none is named. @throws CommandError where none has it */
function havingMutant(
  families: readonly SystemFamily[],
  only: string | undefined,
): readonly SystemFamily[] {
  if (only === undefined) return families;
  const having = families.filter(family => family.mutants.some(({ name }) => name === only));
  if (having.length > 0) return having;
  const searched = families.map(({ name }) => name).join(', ');
  throw new CommandError(Exit.usage, `there is no mutant ${only} in ${searched}`);
}

async function mutants(
  families: readonly SystemFamily[],
  options: MutantsOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const results: Result[] = [];
  for (const family of families) {
    const chosen = family.mutants.filter(({ name }) => options.only === undefined || name === options.only);
    const trials: Trial[] = [];
    for (const mutant of chosen) {
      if (signal.aborted) break;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${family.name}: ${mutant.name}`);
      trials.push(await tryMutant(family, mutant, { maxStates: options.maxStates, signal }));
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
    const result = {
      family,
      trials,
      unkilled: options.only === undefined ? unkilledBy(family, trials) : [],
    };
    results.push(result);
    if (options.json !== true) console.log(resultLines(result, options).join('\n'));
  }
  if (options.json === true) console.log(JSON.stringify({ systems: results.map(resultJson) }, null, 2));
  if (signal.aborted) return Exit.partial;
  const all = results.flatMap(({ trials }) => trials);
  if (
    all.some(({ verdict }) => verdict === 'survived') ||
    results.some(({ unkilled }) => unkilled.length > 0)
  ) {
    return Exit.mutantSurvived;
  }
  return all.some(({ verdict }) => verdict === 'undecided') ? Exit.partial : Exit.ok;
}

function unkilledBy(family: SystemFamily, trials: readonly Trial[]): Property[] {
  const profile = family.profiles.find(({ name }) => name === family.mutantProfile);
  const { properties } = family.build(profile?.parameters ?? {});
  const killed = new Set(trials.flatMap(({ killers }) => killers.map(({ property }) => property?.name)));
  return properties.filter(({ kind, name }) => kind !== 'sometimes' && !killed.has(name));
}

const killedBy = ({ killers }: Trial): string => [...new Set(killers.map(({ name }) => name))].join(' ');

function resultLines({ family, trials, unkilled }: Result, { attacks }: MutantsOptions): string[] {
  const width = Math.max(8, ...trials.map(({ mutant }) => mutant.name.length));
  const lines = trials.flatMap(trial => {
    const killer = bestKiller(trial) ?? trial.difference;
    const steps = killer?.attack?.steps ?? [];
    const head = `  ${trial.mutant.name.padEnd(width)}  ${trial.verdict.padEnd(10)}  ${String(steps.length || '').padStart(2)}  ${killedBy(trial)}`;
    const attack = steps.length === 0 ? [] : [`  ${''.padEnd(width)}  ${steps.map(showCall).join('; ')}`];
    if (attacks !== true || killer?.attack === undefined) return [head, ...attack];
    return [
      '',
      `${trial.mutant.name}: ${trial.mutant.about}  [${trial.mutant.source}]`,
      ...traceLines(killer.attack),
      `  why     ${killer.why}`,
    ];
  });
  const count = (verdict: Trial['verdict']): number =>
    trials.filter(trial => trial.verdict === verdict).length;
  return [
    `${family.name}: mutant, verdict, steps of the shortest attack, what kills it`,
    ...lines,
    `  ${trials.length} ${trials.length === 1 ? 'mutant' : 'mutants'}: ${count('killed')} killed, ${count('equivalent')} equivalent, ${count('survived')} survived, ${count('undecided')} undecided`,
    ...unkilled.map(({ id, name }) => `  no mutant violates ${id ?? ''} "${name}"`),
    '',
  ];
}

function resultJson({ family, trials, unkilled }: Result): object {
  return {
    system: family.name,
    mutants: trials.map(trial => {
      const killer = bestKiller(trial) ?? trial.difference;
      const { name, about, source } = trial.mutant;
      return {
        name,
        about,
        source,
        profile: trial.profile,
        verdict: trial.verdict,
        killedBy: trial.killers.map(({ name: by, property, why, attack }) => ({
          name: by,
          kind: property?.kind ?? by,
          ...(property === undefined ? {} : { property: property.name }),
          why,
          ...(attack === undefined ? {} : { length: attack.steps.length }),
        })),
        ...(killer?.attack === undefined ? {} : { attack: traceJson(killer.attack) }),
      };
    }),
    unkilled: unkilled.map(({ name }) => name),
  };
}
