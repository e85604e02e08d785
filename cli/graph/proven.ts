import { explore } from '../../checker/index.ts';
import { type SystemFamily } from '../../systems/index.ts';

const grouped = (count: number): string => count.toLocaleString('en-US');

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
  return `| ${[...cells, holds ? 'proven' : 'FAILS'].join(' | ')} |`;
}

/** What `npm start` proves, as a Markdown table: a row a system, counted by exploring it. */
export async function provenTable(families: readonly SystemFamily[]): Promise<string> {
  const head =
    '| system | what is proven of | profiles | states | transitions | verdict |\n|---|---|---:|---:|---:|---|';
  const rows: string[] = [];
  for (const family of families) rows.push(await rowOf(family));
  return [head, ...rows].join('\n');
}
