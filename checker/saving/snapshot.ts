import { Digest } from '../learn/digest.ts';
import type { Group } from '../learn/groups.ts';
import type { System, Value } from '../system/system.ts';

/**
 * A run between two states: enough to go on from there as if it had never stopped. The forest holds functions and is
 * not in it; it grows again, the same, from the states that it was learned from.
 */
export interface Snapshot {
  /** What the system looks like from outside: its names. */
  readonly system: string;
  /** What the system does, as far as it was seen. */
  readonly behaviour: string;
  readonly perLevel: readonly number[];
  readonly expanded: number;
  readonly deadlock: number | null;
  /** The values of each group's codes, as text. */
  readonly groups: readonly (readonly (readonly string[])[])[];
  /** The states that something was learned from, in order. */
  readonly learned: readonly number[];
  /** The marks of the discovery. */
  readonly known: readonly number[];
  /** How many states came by each node of the forest, and how many were first reached by each of its moves. */
  readonly visits: readonly number[];
  readonly fresh: readonly number[];
  readonly states: number;
  readonly words: number;
}

/** A snapshot and the rows of its states, in chunks: not copies, so to be used before the run goes on. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly rows: readonly Int32Array[];
}

/** Thrown where a checkpoint is not of the system that it is resumed with. The message is one line for a person. */
export class CheckpointRefused extends Error {}

/** Thrown where a run would be saved over something that is no checkpoint. The message is one line for a person. */
export class SaveRefused extends Error {}

/**
 * What of a checkpoint contradicts the rest, although its checksum is right; `undefined` where nothing does.
 *
 * @param words the 32-bit words of a row, as the groups that it names are packed
 */
export function contradictionIn({ snapshot, rows }: Checkpoint, words: number): string | undefined {
  const { perLevel, expanded, deadlock, learned, known, states } = snapshot;
  const sum = perLevel.reduce((total, found) => total + found, 0);
  const length = rows.reduce((total, chunk) => total + chunk.length, 0);
  // the level under way is not complete yet: it may have found more than its predecessor leads to so far
  if (perLevel.length === 0 || perLevel.includes(0)) return 'a level has no states';
  if (sum > states) return `its levels have ${sum} states, and it has ${states}`;
  if (expanded > sum) return `${expanded} of ${sum} states are expanded`;
  if (snapshot.words !== words) return `its rows have ${snapshot.words} words, and should have ${words}`;
  if (length !== states * words) return `${length} words are no ${states} rows of ${words}`;
  if (deadlock !== null && deadlock >= states) return `state ${deadlock} is a deadlock of ${states} states`;
  if (learned.some(index => index >= states)) return `it was learned from states that it does not have`;
  const isRising = known.every((count, at) => count <= states && count >= (known[at - 1] ?? 0));
  return isRising ? undefined : 'the marks of who found whom do not rise';
}

export function encodeGroups(groups: readonly Group[]): Snapshot['groups'] {
  return groups.map(({ tuples }) => tuples.map(tuple => tuple.map(encode)));
}

/** Gives the groups the codes that they had. */
export function restoreGroups(groups: readonly Group[], encoded: Snapshot['groups']): void {
  if (groups.length !== encoded.length) throw new CheckpointRefused('it has other groups of slots');
  for (const [at, group] of groups.entries())
    for (const [code, tuple] of (encoded[at] ?? []).entries())
      if (group.codeOf(tuple.map(decode)) !== code)
        throw new CheckpointRefused(`group ${at} starts from other values`);
}

const encode = (value: Value): string => `${typeof value}:${value}`;

function decode(text: string): Value {
  const kind = text.slice(0, text.indexOf(':'));
  const rest = text.slice(kind.length + 1);
  if (kind === 'bigint') return BigInt(rest);
  if (kind === 'number') return Number(rest);
  return kind === 'boolean' ? rest === 'true' : rest;
}

/** All the names of a system, as one short text: two systems that differ in one of them differ here. */
export function namesOf(system: System): string {
  const { name, slots, groups = [], actions, properties, twin } = system;
  const digest = new Digest();
  digest.add(name, slots.length, groups.length, actions.length, properties.length, twin?.name ?? '');
  for (const slot of slots) digest.add(slot.name, encode(slot.initial));
  for (const group of groups) digest.add(...group.map(slot => slot.name));
  for (const action of actions)
    digest.add(
      action.name,
      action.actor,
      ...Object.entries(action.args).flatMap(([key, arg]) => [key, encode(arg)]),
    );
  for (const property of properties)
    digest.add(property.name, property.kind, 'instances' in property ? property.instances.length : 1);
  return digest.text;
}
