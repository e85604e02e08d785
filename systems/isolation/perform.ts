import {
  type Action,
  disabled,
  type Read,
  type Result,
  type Value,
  type Write,
} from '../../checker/index.ts';
import { type CallOutcome, type LeafWrite, ownerOfSecret, viewOf } from '../../model/pkvm/index.ts';
import { type Caller, flushAfter } from './flush.ts';
import { fill, HOST, type World } from './world.ts';

/** How wiping may differ from the specification. facts/pkvm.md 5 and 4, I9. */
export const wipeFaults = {
  /** B10: only the teardown's caller wipes. */
  undonate_does_not_wipe: 'host_undonate_guest gives the page back with what it holds',
  /** Its other half. */
  teardown_does_not_wipe: 'teardown gives the pages of a protected VM back with what they hold',
  /** B22. */
  wipe_first_page_only: 'a range that comes back is wiped on its first page only',
} as const;

/** Everything that can be done, by who does it: what the entry points have in common. */
export interface Entry {
  readonly name: string;
  readonly cpu: number;
  /** Who runs on the CPU when it is made: the host, or a guest by its owner id. */
  readonly by: number;
  readonly args: Readonly<Record<string, Value>>;
  run(read: Read, write: Write): Result | typeof disabled;
}

const nameOfActor = (by: number): string => (by === HOST ? 'host' : `guest${by}`);

/** A `Write` that is told why the call returns what it returns: how an explanation listens in. */
interface Listener extends Write {
  readonly because: (why: string) => void;
}

const isListener = (write: Write): write is Listener => 'because' in write;

/** Runs an entry point for its reason alone: nothing is written. */
function reasonOf({ run }: Entry, read: Read): string {
  let reason = '';
  const because = (why: string): void => {
    reason = why;
  };
  run(
    read,
    Object.assign(() => undefined, { because }),
  );
  return reason;
}

/** An entry point as an action: it exists where its caller runs on its CPU. */
export const entryAction = ({ running }: World, entry: Entry): Action => ({
  name: entry.name,
  actor: `cpu${entry.cpu} ${nameOfActor(entry.by)}`,
  args: entry.args,
  run: (read, write) => {
    const slot = running[entry.cpu];
    return slot === undefined || read(slot) !== entry.by ? disabled : entry.run(read, write);
  },
  explain: read => reasonOf(entry, read),
});

/** The pages that are wiped, of those that the outcome says must be. */
function wipedPages(
  { deviations }: World,
  { wipes }: CallOutcome,
  { operation }: Caller,
): readonly bigint[] {
  const isTeardown = operation === 'teardown_guest_page';
  if (isTeardown && deviations.has('teardown_does_not_wipe')) return [];
  if (!isTeardown && deviations.has('undonate_does_not_wipe')) return [];
  return deviations.has('wipe_first_page_only') ? wipes.slice(0, 1) : wipes;
}

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
): number {
  const { result, writes } = outcome;
  if (isListener(write)) write.because(outcome.why);
  const wiped = wipedPages(world, outcome, caller);
  if (writes.length > 0) {
    world.words.apply(read, write, writes);
    flushAfter(world, read, write, writes, caller);
    for (const page of wiped) fill(world, write, page, 'zero');
  }
  return result;
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
