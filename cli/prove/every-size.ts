import {
  type Counts,
  type Proof,
  prove,
  type SentenceVerdict,
  type Sized,
  verdictsOf,
} from '../../checker/index.ts';
import type { Choice } from '../choice.ts';
import { CommandError, Exit } from '../exit.ts';
import { codeOf, INDENT, sentenceLines, whyPartial } from './code.ts';
import { counterexample, counterexampleLines } from './counterexample.ts';
import { proofProgress } from './progress.ts';
import type { ProveOptions, Proven } from './proven.ts';

/** More members than this of one sort make an instance that nobody waits for. */
const MAX_MEMBERS = 12;

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

/** Reads `pages=3,gpas=2`. @throws CommandError naming the sort that there is not, or the number */
function instanceFrom({ name: system, sorts }: Sized, text: string): Counts {
  const known = sorts.map(({ name }) => name);
  return Object.fromEntries(
    text.split(',').map(part => {
      const [name = '', given = ''] = part.split('=');
      const sort = sorts.find(one => one.name === name);
      if (sort === undefined)
        throw usage(`--instance ${part}: ${system} has the sorts ${known.join(', ')}`);
      const least = sort.least ?? 1;
      const count = Number(given);
      if (given === '' || !Number.isInteger(count) || count < least || count > MAX_MEMBERS)
        throw usage(`--instance ${part}: expected a whole number from ${least} to ${MAX_MEMBERS}`);
      return [name, count] as const;
    }),
  );
}

function widthFrom(text: string | undefined): number {
  const width = text === undefined ? 4 : Number(text);
  if (!Number.isInteger(width) || width < 2) throw usage(`--k ${text}: expected a whole number from 2 on`);
  return width;
}

const inWords = (counts: Counts): string =>
  Object.entries(counts)
    .map(([sort, members]) => `${members} ${sort}`)
    .join(', ');

function lines(title: string, proof: Proof, verdicts: readonly SentenceVerdict[]): string[] {
  const { candidates, refuter, witnesses, figures, most, counts } = proof;
  const told = verdicts.flatMap(verdict => {
    const found = counterexample(proof, verdict);
    const case_ = found === undefined ? [] : counterexampleLines(found).map(line => INDENT + line);
    return [...sentenceLines(verdict), ...case_];
  });
  return [
    title,
    `  ${candidates.pairs.size} kinds of pairs, ${refuter.exclusions.size} wider tuples excluded, ${witnesses.all.length} witnesses`,
    `  ${figures.contexts} contexts, real code ran ${figures.runs} times`,
    `  cut-off: no context names more than ${inWords(most)}, in an instance of ${inWords(counts)}`,
    `  ${figures.replayed} steps taken once more with other members, in an instance with one more of each sort: ${proof.unsound.length === 0 ? 'they do the same' : proof.unsound.join('; ')}`,
    ...told,
    ...whyPartial(verdicts),
  ];
}

/** Proves the sentences of a system for every number of its members. */
export async function proveSizes(
  { family, profile }: Choice,
  sized: Sized,
  options: ProveOptions,
  signal: AbortSignal,
): Promise<Proven> {
  const { mutant, sentence } = options;
  const width = widthFrom(options.k);
  const instance = options.instance === undefined ? {} : instanceFrom(sized, options.instance);
  const progress = proofProgress(family.name);
  const proof = await prove(sized, { width, instance, signal, log: progress.show });
  progress.clear();
  const verdicts = verdictsOf(proof).filter(
    ({ id, name }) => sentence === undefined || id === sentence || name === sentence,
  );
  const code = codeOf(verdicts);
  const broken = mutant === undefined ? '' : ` with ${mutant}`;
  return {
    lines: lines(`${family.name}${broken}, options of profile ${profile}`, proof, verdicts),
    json: {
      system: family.name,
      ...(mutant === undefined ? {} : { mutant }),
      by: 'local induction',
      profile,
      cutOff: { ...proof.most },
      instance: { ...proof.counts },
      isInterrupted: proof.isInterrupted,
      premises: [...proof.unsound],
      figures: {
        ...proof.figures,
        kinds: proof.candidates.pairs.size,
        excluded: proof.refuter.exclusions.size,
        witnesses: proof.witnesses.all.length,
      },
      sentences: verdicts.map(verdict => {
        const found = counterexample(proof, verdict);
        return { ...verdict, ...(found === undefined ? {} : { counterexample: found }) };
      }),
      exit: code,
    },
    code,
  };
}
