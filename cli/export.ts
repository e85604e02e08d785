import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Command } from 'commander';
import { learnRelations, obligationsOf, prove, type Relations } from '../checker/index.ts';
import { toSmtlib } from '../graphs/smtlib.ts';
import { toPromela } from '../graphs/promela.ts';
import { tlaConfig, toTla } from '../graphs/tla.ts';
import { type ChoiceOptions, choicesFrom, familyNamed, systemOf } from './choice.ts';
import { once } from './once.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { interruption } from './interruption.ts';
import { wholeNumber } from './whole-number.ts';

interface ExportOptions extends ChoiceOptions {
  readonly format: string;
  readonly output?: string;
  readonly mutant?: string;
  readonly maxStates?: number;
}

const help = `
The model is made from what the engine learned while it explored the system: for every call, what it does wherever
the words that it looks at are the same. Words are written as small numbers, each explained in a comment. Refused
calls are self-loops, so that states and transitions are the same in every checker.

  promela   for SPIN. A never claim asks every state for every sentence: run pan with -c0 to hear of all that break.
  smtlib    for z3, cvc5 and others: what makes the candidate of "prove" an inductive invariant of any number of
            members, over uninterpreted sorts. Each check-sat must be answered with unsat. With --mutant: the
            candidate of the specification under the calls with the fault.
  tla       for TLC. With --output Model.tla the configuration goes to Model.cfg beside it.

A sentence of the kind "recoverable" is no property of single states and is not exported.

Ctrl-C ends the run with nothing written; the exit code is ${Exit.partial}.`;

export const exportCommand = (): Command =>
  new Command('export')
    .description('the same system for another model checker: a second opinion')
    .argument('<system>', 'see pagewarden list')
    .requiredOption('-f, --format <name>', 'promela, tla, smtlib')
    .option('--profile <name>', 'a profile of the system; the first where left out', once)
    .option('--set <values>', 'a size of your own: pages=2,gpas=2')
    .option('--mutant <name>', 'with one named fault put in')
    .option(
      '--max-states <n>',
      'learn from so many states only: what they did not show is marked as unknown in the model, and the exit code is 30',
      wholeNumber,
    )
    .option('-o, --output <file>', 'write there instead of to standard output')
    .addHelpText('after', help)
    .action(async (name: string, options: ExportOptions) => {
      process.exitCode = await exportSystem(name, options);
    });

async function exportSystem(name: string, options: ExportOptions): Promise<ExitCode> {
  const { format, output, maxStates } = options;
  const signal = interruption();
  if (format === 'smtlib') return exportObligations(name, options, signal);
  if (format !== 'promela' && format !== 'tla')
    throw new CommandError(
      Exit.usage,
      `there is no format ${format} to export to; there are promela, tla, smtlib`,
    );
  const [choice] = await choicesFrom([name], options);
  if (choice === undefined)
    throw new CommandError(Exit.usage, `${name} has no default profile: name one with --profile`);
  const relations = await learnRelations(systemOf(choice, options.mutant), {
    ...(maxStates === undefined ? {} : { maxStates }),
    signal,
  });
  if (relations.found.bound === 'interrupted')
    throw new CommandError(
      Exit.partial,
      `interrupted after ${relations.found.states} states: no model was written; --max-states exports what a part of the states teaches`,
    );
  const profile =
    options.mutant === undefined ? choice.profile : `${choice.profile} with ${options.mutant}`;
  if (format === 'promela') write(toPromela(relations, profile), output);
  else writeTla(relations, profile, output);
  if (relations.found.bound === undefined) return Exit.ok;
  console.error(
    `pagewarden: learned from ${relations.found.states} states only; what is unknown is marked`,
  );
  return Exit.partial;
}

/** The obligations of a proof for every size. */
async function exportObligations(
  name: string,
  { profile, mutant, output }: ExportOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const family = await familyNamed(name);
  const [choice] = await choicesFrom([name], { profile: profile ?? family.proofProfile });
  const sized = choice && family.sized?.(choice.parameters);
  if (choice === undefined || sized === undefined)
    throw new CommandError(
      Exit.usage,
      `${name} does not say what its slots are indexed by: no proof to export`,
    );
  if (mutant !== undefined && !family.mutants.some(known => known.name === mutant))
    throw new CommandError(Exit.usage, `${name} has no mutant ${mutant}`);
  const proof = await prove(sized, { signal });
  if (proof.isInterrupted) throw new CommandError(Exit.partial, 'interrupted: nothing was written');
  const faulty = mutant === undefined ? undefined : family.sized?.(choice.parameters, mutant);
  const obligations = obligationsOf(proof, faulty?.build(proof.counts));
  const broken = mutant === undefined ? '' : ` with ${mutant}`;
  write(toSmtlib(obligations, `${name}${broken}, options of ${choice.profile}`).text, output);
  if (obligations.left.length === 0) return Exit.ok;
  console.error(`pagewarden: left out, since they loop over members: ${obligations.left.join(', ')}`);
  return Exit.partial;
}

function writeTla(relations: Relations, profile: string, output: string | undefined): void {
  if (output === undefined) {
    const name = `${relations.system.name}_${profile}`.replaceAll(/\W+/g, '_');
    write(`${toTla(relations, profile, name)}\n${tlaConfig(relations)}`, undefined);
    return;
  }
  const name = basename(output, extname(output));
  if (extname(output) !== '.tla' || !/^[A-Za-z]\w*$/.test(name))
    throw new CommandError(
      Exit.usage,
      `--output ${output}: expected NAME.tla, NAME of letters and digits: the module is called so`,
    );
  write(toTla(relations, profile, name), output);
  write(tlaConfig(relations), output.replace(/\.tla$/, '.cfg'));
}

function write(text: string, output: string | undefined): void {
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}
