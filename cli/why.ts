import { Command } from 'commander';
import { everyRule } from '../oracle/step/index.ts';
import { familiesNamed } from './choice.ts';
import { didYouMean } from './did-you-mean.ts';
import { CommandError, Exit } from './exit.ts';
import { type Passage, passagesOf } from './why/passage.ts';

/** Whatever has a name that reports cite. */
interface Cited {
  readonly name: string;
  /** What it is: a sentence of a system, a fault, a rule of the oracle. */
  readonly kind: string;
  readonly says: string;
  readonly source: string;
}

/** Everything that can be asked for, of these systems and of the oracle. */
async function everything(systems: readonly string[]): Promise<readonly Cited[]> {
  const families = await familiesNamed(systems);
  const ofSystems = families.flatMap(family => {
    const profile = family.profiles.find(({ name }) => name === family.mutantProfile);
    const { properties } = family.build(profile?.parameters ?? {});
    return [
      ...properties.map(({ id, name, kind, source }) => ({
        name: id ?? name,
        kind: `${kind}, a sentence of ${family.name}`,
        says: name,
        source,
      })),
      ...family.mutants.map(({ name, about, source }) => ({
        name,
        kind: `a fault of ${family.name}`,
        says: about,
        source,
      })),
    ];
  });
  const rules = everyRule().map(rule => ({ ...rule, kind: 'a rule of the oracle' }));
  return [...ofSystems, ...rules];
}

interface Answer extends Cited {
  readonly passages: readonly Passage[];
}

function* linesOf({ name, kind, says, source, passages }: Answer): Generator<string> {
  yield `${name}: ${says}`;
  yield `  ${kind}`;
  yield `  source: ${source}`;
  for (const { place, lines } of passages) {
    yield `  ${place}`;
    for (const line of lines) yield `    ${line}`;
  }
}

const help = `
NAME is what reports cite: I8, donate.request.hyp.state, B2, or the words of a sentence. Where more than one has the
name, all are printed. --json prints [{ name, kind, says, source, passages: [{ place, lines }] }].`;

/** The command `why`. */
export const whyCommand = (): Command =>
  new Command('why')
    .description('a sentence, a fault or a rule, and the words of the sources that it comes from')
    .argument('<name>', 'its name')
    .argument('[system...]', 'only of these systems: ./my-system.ts too')
    .option('--json', 'print one JSON array instead of text')
    .addHelpText('after', help)
    .action(async (name: string, systems: string[], { json }: { json?: boolean }) => {
      const all = await everything(systems);
      const found = all.filter(each => each.name === name || each.says === name);
      if (found.length === 0) {
        const known = all.map(each => each.name);
        throw new CommandError(
          Exit.usage,
          `nothing is called ${name}; pagewarden list names sentences and faults${didYouMean(name, known)}`,
        );
      }
      const distinct = [...new Map(found.map(each => [`${each.kind} ${each.source}`, each])).values()];
      const answers = distinct.map(each => ({ ...each, passages: passagesOf(each.source) }));
      if (json === true) console.log(JSON.stringify(answers, undefined, 2));
      else console.log(answers.map(answer => [...linesOf(answer)].join('\n')).join('\n\n'));
    });
