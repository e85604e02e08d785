import { Command } from 'commander';
import { changesBetween, placesOf, type StructHistory, type StructRevision } from '../model/bits/index.ts';
import { vpAssistPageHistory } from '../model/hyperv/index.ts';
import { subpageHistory } from '../model/kvm/index.ts';
import { nestedStateHistory } from '../model/kvm/nested-state/index.ts';
import { CommandError, Exit } from './exit.ts';
import { changeLines, comparison } from './layout/table.ts';

/** Every structure whose revisions can be compared. */
export const histories: readonly StructHistory[] = [
  nestedStateHistory,
  vpAssistPageHistory,
  subpageHistory,
];

const help = `
Structures: ${histories.map(({ name }) => name).join(', ')}. Without a name they are listed.
Offsets are in bytes from the start of the structure, both ends included; bits are counted from bit 0.

Output of --json:
  {"name", "about", "revisions": [{"revision", "about", "source", "size", "alignment",
    "members": [{"path", "offset", "size", "type", "bits"?: {"hi", "lo"}}]}],
   "changes": [{"from", "to", "members": [{"name", "kinds", "before"?, "after"?}]}]}
"kinds" is a list of "added", "removed", "renamed", "moved", "resized"; "before" and "after" are members. --json
without a name gives [{"name", "about", "revisions": ["…"]}].`;

interface LayoutFlags {
  readonly json?: true;
  readonly from?: string;
  readonly to?: string;
}

/** The command `layout`. */
export function layoutCommand(): Command {
  return new Command('layout')
    .description('Where the members of a structure lie in each of its revisions, and which moved where')
    .argument('[structure]', 'hv_vp_assist_page, …')
    .option('--from <revision>', 'compare two revisions only: this one …')
    .option('--to <revision>', '… with this one')
    .option('--json', 'one JSON value')
    .addHelpText('after', help)
    .action((name: string | undefined, flags: LayoutFlags) => {
      if (name === undefined) listStructures(flags.json === true);
      else showStructure(chosen(name, flags), flags.json === true);
    });
}

function listStructures(json: boolean): void {
  const list = histories.map(({ name, about, revisions }) => ({
    name,
    about,
    revisions: revisions.map(({ revision }) => revision),
  }));
  if (json) console.log(JSON.stringify(list, undefined, 2));
  else
    for (const { name, about, revisions } of list)
      console.log(`${name}: ${about} (${revisions.join(', ')})`);
}

function chosen(name: string, { from, to }: LayoutFlags): StructHistory {
  const history = histories.find(candidate => candidate.name === name);
  if (history === undefined) {
    const known = histories.map(candidate => candidate.name).join(', ');
    throw new CommandError(Exit.usage, `no structure ${name}: expected ${known}`);
  }
  const revisionNamed = (wanted: string): StructRevision => {
    const found = history.revisions.find(({ revision }) => revision === wanted);
    if (found !== undefined) return found;
    const known = history.revisions.map(({ revision }) => `"${revision}"`).join(', ');
    throw new CommandError(Exit.usage, `${name} has no revision "${wanted}": expected ${known}`);
  };
  if (from === undefined && to === undefined) return history;
  if (from === undefined || to === undefined)
    throw new CommandError(Exit.usage, '--from and --to go together');
  return { ...history, revisions: [revisionNamed(from), revisionNamed(to)] };
}

function showStructure(history: StructHistory, json: boolean): void {
  if (json) console.log(JSON.stringify(historyJson(history), undefined, 2));
  else for (const line of [...comparison(history.revisions), ...changeLines(history)]) console.log(line);
}

function historyJson({ name, about, revisions }: StructHistory): object {
  return {
    name,
    about,
    revisions: revisions.map(({ table, revision, about: what, source }) => ({
      revision,
      about: what,
      source,
      size: table.size,
      alignment: table.alignment,
      members: placesOf(table),
    })),
    changes: revisions.slice(1).flatMap((after, i) => {
      const before = revisions[i];
      if (before === undefined) return [];
      return [{ from: before.revision, to: after.revision, members: changesBetween(before, after) }];
    }),
  };
}
