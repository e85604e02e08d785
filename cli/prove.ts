import { Command } from 'commander';
import { type Proof, prove, type SentenceVerdict, verdictsOf } from '../checker/index.ts';
import { choicesFrom } from './choice.ts';
import { counterexample, counterexampleLines } from './counterexample.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { proveWords } from './prove/every-word.ts';

const INDENT = ' '.repeat(16);

interface Options {
  readonly profile?: string;
  readonly sentence?: string;
  readonly mutant?: string;
  readonly k?: string;
  readonly json?: boolean;
}

/** 0 only where every sentence asked for is proven for every size. */
export function codeOf(verdicts: readonly SentenceVerdict[]): ExitCode {
  const violated = new Set(verdicts.filter(({ label }) => label === 'violated').map(({ kind }) => kind));
  if (violated.has('always') || violated.has('step')) return Exit.violated;
  if (violated.has('recoverable')) return Exit.unrecoverable;
  if (violated.has('twin')) return Exit.twinDisagrees;
  return verdicts.every(isProven) ? Exit.ok : Exit.partial;
}

const isProven = ({ label }: SentenceVerdict): boolean => label === 'every size' || label === 'reached';

/** Why the exit code is not 0, where nothing is violated. */
function whyPartial(verdicts: readonly SentenceVerdict[]): string[] {
  if (codeOf(verdicts) !== Exit.partial) return [];
  const open = verdicts.filter(verdict => !isProven(verdict));
  const which = open.map(({ id, name, kind }) => `${id ?? name} (${kind})`).join(', ');
  return [
    `  exit code ${Exit.partial}: ${verdicts.length - open.length} of ${verdicts.length} sentences are proven for every size; not ${which}`,
  ];
}

/** A sentence with its label, and why it is no better. */
function sentenceLines(proof: Proof, verdict: SentenceVerdict): string[] {
  const { id, name, label, why } = verdict;
  const found = counterexample(proof, verdict);
  return [
    `  ${label.padEnd(14)}${id === undefined ? '' : `${id} `}${name}`,
    ...(why === undefined ? [] : [`${INDENT}because ${why}`]),
    ...(found === undefined ? [] : counterexampleLines(found).map(line => INDENT + line)),
  ];
}

function lines(title: string, proof: Proof, verdicts: readonly SentenceVerdict[]): string[] {
  const { candidates, refuter, witnesses, figures, most } = proof;
  const cutOff = Object.entries(most).map(([sort, members]) => `${members} ${sort}`);
  return [
    title,
    `  ${candidates.pairs.size} kinds of pairs, ${refuter.exclusions.size} wider tuples excluded, ${witnesses.all.length} witnesses`,
    `  ${figures.contexts} contexts, real code ran ${figures.runs} times; no context names more than ${cutOff.join(', ')}`,
    ...verdicts.flatMap(verdict => sentenceLines(proof, verdict)),
    ...whyPartial(verdicts),
  ];
}

async function run(name: string | undefined, options: Options): Promise<void> {
  if (name === 'spp-walk') {
    process.exitCode = await proveWords(options.json === true);
    return;
  }
  const width = options.k === undefined ? 4 : Number(options.k);
  if (!Number.isInteger(width) || width < 2)
    throw new CommandError(Exit.usage, `--k ${options.k}: expected a whole number from 2 on`);
  const chosen = (await choicesFrom([name ?? 'ownership'], options)).slice(0, 1);
  for (const { family, profile, parameters } of chosen) {
    const sized = family.sized?.(parameters, options.mutant);
    if (sized === undefined)
      throw new CommandError(
        Exit.usage,
        `${family.name} does not say yet what its slots are indexed by: it can be explored, not proven for every size`,
      );
    const proof = await prove(sized, { width });
    const verdicts = verdictsOf(proof).filter(
      ({ id, name }) =>
        options.sentence === undefined || id === options.sentence || name === options.sentence,
    );
    if (verdicts.length === 0)
      throw new CommandError(Exit.usage, `${family.name} has no sentence ${options.sentence}`);
    const code = codeOf(verdicts);
    if (options.json === true)
      console.log(
        JSON.stringify({
          system: family.name,
          profile,
          cutOff: proof.most,
          figures: proof.figures,
          sentences: verdicts.map(verdict => ({
            ...verdict,
            counterexample: counterexample(proof, verdict),
          })),
          exit: code,
        }),
      );
    else console.log(lines(`${family.name}, options of profile ${profile}`, proof, verdicts).join('\n'));
    process.exitCode = code;
  }
}

const help = `
prove spp-walk proves another thing: every word. A walk is run on words that answer only what it asks, so that each
path stands for the set of memories that answer like it, and the sets are checked to be all of them. Its --json:
{"system", "label", "settings": [{"setting", "paths", "words", "seconds", "broken"}], "paths", "seconds"}.`;

export const proveCommand = (): Command =>
  new Command('prove')
    .description('prove the sentences of a system for every number of its members, by local induction')
    .argument('[system]', 'the system: ownership where left out')
    .option(
      '--profile <name>',
      'whose options beside the numbers of members; the first default one where left out',
    )
    .option('--sentence <id>', 'only this sentence, by its id or its words')
    .option('--mutant <name>', 'with this fault')
    .option('--k <slots>', 'the most slots that the candidate speaks of at once (4)')
    .option('--json', 'as JSON')
    .addHelpText('after', help)
    .action(run);
