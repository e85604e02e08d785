import { explore, prove, verdictsOf } from '../../checker/index.ts';
import { type SystemFamily } from '../../systems/index.ts';

const grouped = (count: number): string => count.toLocaleString('en-US');

/** What the verdicts are worth: explored is of these profiles; a proof says of how many sentences it is of every size. */
async function worthOf({ sized, profiles, proofProfile }: SystemFamily): Promise<string> {
  const first = profiles.find(({ name }) => name === proofProfile);
  const every = first === undefined ? undefined : sized?.(first.parameters);
  if (first === undefined || every === undefined) return 'this profile';
  const asked = verdictsOf(await prove(every)).filter(({ kind }) => kind !== 'sometimes');
  const proven = asked.filter(({ label }) => label === 'every size');
  if (proven.length === asked.length) return `every size, with the options of \`${first.name}\``;
  return `${proven.length} of ${asked.length} sentences: every size, with the options of \`${first.name}\`; the others: this profile`;
}

/** One row of what is proven: every default profile of one system, explored. */
async function rowOf(family: SystemFamily): Promise<string> {
  const profiles = family.profiles.filter(({ isDefault }) => isDefault);
  let [states, transitions, holds] = [0, 0, true];
  for (const { parameters } of profiles) {
    const found = await explore(family.build(parameters));
    states += found.states;
    transitions += found.transitions;
    holds &&= found.result === 'pass';
  }
  const cells = [
    `\`${family.name}\``,
    family.about,
    profiles.length,
    grouped(states),
    grouped(transitions),
  ];
  return `| ${[...cells, holds ? 'holds' : 'FAILS', holds ? await worthOf(family) : ''].join(' | ')} |`;
}

/** What `npm start` proves, as a Markdown table: a row a system, counted by exploring it. */
export async function provenTable(families: readonly SystemFamily[]): Promise<string> {
  const head =
    '| system | what is proven of | profiles | states | transitions | verdict | worth |\n|---|---|---:|---:|---:|---|---|';
  const rows: string[] = [];
  for (const family of families) rows.push(await rowOf(family));
  return [head, ...rows].join('\n');
}
