import { type Exploration, explore, type PropertyOutcome } from '../../checker/index.ts';
import type { SystemFamily } from '../../systems/system.ts';
import { codeOf, type LabelledSentence, sentenceLines, whyPartial } from './code.ts';
import type { ProveOptions, Proven } from './proven.ts';

/** What is known of a sentence after all profiles: the worst that one of them says. */
function labelled(outcomes: readonly PropertyOutcome[], because: string): LabelledSentence[] {
  const [first] = outcomes;
  if (first === undefined) return [];
  const { name, id, kind } = first.property;
  const named = { name, kind, ...(id === undefined ? {} : { id }) };
  const violated = outcomes.find(outcome => outcome.verdict === 'violated');
  if (violated !== undefined) return [{ ...named, label: 'violated', why: violated.why }];
  if (outcomes.some(({ verdict }) => verdict === 'reached')) return [{ ...named, label: 'reached' }];
  if (outcomes.some(({ verdict }) => verdict === 'undecided'))
    return [{ ...named, label: 'partial', why: 'a bound was hit, or the run was interrupted' }];
  if (kind === 'sometimes') return [{ ...named, label: 'not proven', why: 'no profile shows it' }];
  return [{ ...named, label: 'this profile', why: because }];
}

function twinOf(found: readonly Exploration[], name: string, because: string): LabelledSentence {
  const disagreement = found.flatMap(({ twin }) => twin?.disagreement ?? [])[0];
  const named = { name: `the protocol: ${name}`, kind: 'twin' as const };
  if (disagreement !== undefined) return { ...named, label: 'violated', why: disagreement.why };
  const isWhole = found.every(({ bound }) => bound === undefined);
  return isWhole
    ? { ...named, label: 'this profile', why: because }
    : { ...named, label: 'partial', why: 'a bound was hit, or the run was interrupted' };
}

/**
 * Explores the profiles of a system that has no number of anything, or that does not say yet what its slots are indexed
 * by. What they show is true of them, and is not called more.
 */
export async function exploreProfiles(
  family: SystemFamily,
  { profile, mutant, sentence }: ProveOptions,
  signal: AbortSignal,
): Promise<Proven> {
  const because =
    family.finite ??
    (family.sized === undefined
      ? `${family.name} does not say what its slots are indexed by: it can be explored only`
      : `with the options of ${profile} it is of one size only`);
  const bare = profile?.startsWith(`${family.name}/`) ? profile.slice(family.name.length + 1) : profile;
  const profiles = family.profiles.filter(({ name, isDefault }) =>
    bare === undefined ? isDefault : name === bare,
  );
  const found: Exploration[] = [];
  const [twins, outcomes] = [new Set<string>(), new Map<string, PropertyOutcome[]>()];
  for (const { parameters } of profiles) {
    const system = family.build(parameters, mutant);
    const exploration = await explore(system, { signal });
    found.push(exploration);
    if (system.twin !== undefined) twins.add(system.twin.name);
    for (const outcome of exploration.properties) {
      const { name } = outcome.property;
      outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    }
  }
  const all = [
    ...[...outcomes.values()].flatMap(of => labelled(of, because)),
    ...[...twins].map(name => twinOf(found, name, because)),
  ];
  const sentences = all.filter(
    ({ id, name }) => sentence === undefined || id === sentence || name === sentence,
  );
  const code = codeOf(sentences);
  const names = profiles.map(({ name }) => name);
  return {
    lines: [
      `${family.name}: explored, ${names.join(', ')}`,
      `  ${because}`,
      ...sentences.flatMap(one => sentenceLines(one.why === because ? { ...one, why: '' } : one)),
      ...whyPartial(sentences),
    ],
    json: {
      system: family.name,
      ...(mutant === undefined ? {} : { mutant }),
      by: 'exploration',
      profiles: names,
      because,
      sentences,
      exit: code,
    },
    code,
  };
}
