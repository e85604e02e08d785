import {
  type Action,
  disabled,
  type Read,
  type Result,
  type Value,
  type Write,
} from '../../checker/index.ts';
import { type CallOutcome, type LeafWrite, ownerOfSecret, viewOf } from '../../model/pkvm/index.ts';
import { flushAfter } from './flush.ts';
import type { Caller } from './rules.ts';
import { fill, HOST, type World } from './world.ts';

/** What a call returned, and why, for a person. */
export interface Done {
  readonly result: Result;
  readonly why: string;
}
export const done = (result: Result, why = ''): Done => ({ result, why });

/** Everything that can be done, by who does it: what the entry points have in common. */
export interface Entry {
  readonly name: string;
  readonly cpu: number;
  /** Who runs on the CPU when it is made: the host, or a guest by its owner id. */
  readonly by: number;
  readonly args: Readonly<Record<string, Value>>;
  run(read: Read, write: Write): Done | typeof disabled;
}

const nameOfActor = (by: number): string => (by === HOST ? 'host' : `guest${by}`);

/** An entry point as an action: it exists where its caller runs on its CPU. */
export const entryAction = ({ running }: World, entry: Entry): Action => ({
  name: entry.name,
  actor: `cpu${entry.cpu} ${nameOfActor(entry.by)}`,
  args: entry.args,
  run: (read, write) => {
    const slot = running[entry.cpu];
    if (slot === undefined || read(slot) !== entry.by) return disabled;
    const made = entry.run(read, write);
    return made === disabled ? disabled : made.result;
  },
  explain: read => {
    const made = entry.run(read, () => undefined);
    return made === disabled ? '' : made.why;
  },
});

/**
 * Does what a call says: writes the leaves, flushes what became stale, wipes what comes back. One transition: nobody
 * is between its steps. What happens between them is the system `hypercall-smp`'s.
 */
export function perform(
  world: World,
  read: Read,
  write: Write,
  outcome: CallOutcome,
  caller: Caller,
): Done {
  const { result, why, writes, wipes } = outcome;
  if (writes.length > 0) {
    world.words.apply(read, write, writes);
    flushAfter(world, read, write, writes, caller);
    for (const page of world.rules.wiped(wipes, caller)) fill(world, write, page, 'zero');
  }
  return done(result, why);
}

/** What a guest had written to pages that it now shares is the host's to know: sharing is how a guest tells. */
export function declassify(world: World, read: Read, write: Write, writes: readonly LeafWrite[]): void {
  for (const { table, after } of writes) {
    if (table === 'host') continue;
    const { page } = viewOf(after);
    const slot = world.contents.get(page);
    if (slot !== undefined && ownerOfSecret(read(slot)) === table) write(slot, 'public');
  }
}
