import type { CountedOutcome } from '../../../model/pkvm/counted/index.ts';
import type { CountedDifference } from '../verdict.ts';
import { Ear } from './ear.ts';
import type { CountedCall } from './event.ts';
import { differencesOf } from './differences.ts';
import type { Knowledge } from './knowledge.ts';
import type { CountedModel, Memory, VmFacts } from './model.ts';
import type { PlaceChange } from './place.ts';

/** What is taken to be so while a call is tried, where nobody said. */
export interface Assumption {
  readonly vm: VmFacts;
  readonly memory: Memory;
}

/** A call as the model makes it under an assumption; the machine is as it was before. */
export interface Attempt {
  readonly assumption: Assumption;
  readonly outcome: CountedOutcome;
  readonly ear: Ear;
  readonly changes: readonly PlaceChange[];
  readonly differences: readonly CountedDifference[];
}

/** More pages than any call takes. */
const plenty: Memory = { memcache: 4096, pool: 4096 };
/** With fewer pages than this a call may stop half way; each number stops it elsewhere. */
const maxShort = 8;

/** Everything that a call may do: one attempt for each thing that nobody said and that decides. */
export function attemptsOf(
  model: CountedModel,
  knowledge: Knowledge,
  call: CountedCall,
  known: VmFacts,
): readonly Attempt[] {
  const attempts: Attempt[] = [];
  const attempt = (assumption: Assumption): Attempt => {
    const made = attemptOf(model, knowledge, call, assumption);
    if (!attempts.some(one => isSame(one, made))) attempts.push(made);
    return made;
  };
  const [first, ...others] = [...kindsOf(call, known)];
  if (first === undefined) return [];
  const { memcache, pool } = call.memory ?? {};
  const memory = { memcache: memcache ?? plenty.memcache, pool: pool ?? plenty.pool };
  const vms = [first];
  const begun = attempt({ vm: first, memory });
  // nobody asked what the VM is: what it may be makes no difference
  if (asksOfVm(begun)) vms.push(...others);
  for (const vm of vms.slice(1)) attempt({ vm, memory });
  if (memcache !== undefined && pool !== undefined) return attempts;
  for (const vm of vms) {
    const made = attemptOf(model, knowledge, call, { vm, memory });
    for (const pages of shortages(made))
      attempt({
        vm,
        memory: { memcache: memcache ?? pages, pool: pool ?? (memcache === undefined ? 0 : pages) },
      });
  }
  return attempts;
}

const asksOfVm = ({ ear }: Attempt): boolean =>
  (['isProtected', 'isFinalized', 'isDying'] as const).some(what => ear.hasAsked(what));

/** What a VM may be, where nobody said. */
function* kindsOf({ args }: CountedCall, known: VmFacts): Generator<VmFacts> {
  if (args.vm === undefined) return yield {};
  const either = (value: boolean | undefined, first: boolean): readonly boolean[] =>
    value === undefined ? [first, !first] : [value];
  for (const isProtected of either(known.isProtected, true))
    for (const isFinalized of isProtected ? either(known.isFinalized, true) : [true])
      for (const isDying of either(known.isDying, false)) yield { isProtected, isFinalized, isDying };
}

/** How few pages may have been there, so that the call ends otherwise than with enough of them. */
function shortages({ ear, taken }: Attempt & { readonly taken: number }): readonly number[] {
  if (taken === 0 && !ear.hasAsked('memcache')) return [];
  return Array.from({ length: Math.min(Math.max(taken, 1), maxShort) }, (_, pages) => pages);
}

const isSame = (one: Attempt, other: Attempt): boolean =>
  one.outcome.result === other.outcome.result &&
  one.outcome.needMemcache === other.outcome.needMemcache &&
  one.outcome.rule === other.outcome.rule &&
  changesText(one.changes) === changesText(other.changes);

const changesText = (changes: readonly PlaceChange[]): string =>
  JSON.stringify(changes, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** Makes a call and takes it back. */
function attemptOf(
  model: CountedModel,
  knowledge: Knowledge,
  call: CountedCall,
  assumption: Assumption,
): Attempt & { readonly taken: number } {
  const ear = new Ear(knowledge);
  const mark = model.mark();
  const outcome = model.call(call.name, call.args, assumption, ear);
  const changes = [...changesOf(model, ear)];
  const differences = differencesOf(model, knowledge, call, outcome, changes);
  const { vm } = call.args;
  const left = vm === undefined ? assumption.memory : model.memory(vm);
  const { memcache, pool } = assumption.memory;
  const taken = memcache + pool - left.memcache - left.pool;
  model.back(mark);
  return { assumption, outcome, ear, changes, differences, taken: Math.max(taken, 0) };
}

const changesOf = (model: CountedModel, ear: Ear): Generator<PlaceChange> =>
  ear.changes({
    record: address => model.at({ kind: 'record', address }).word,
    isMapped: address => model.at({ kind: 'el2', address }).word !== 0n,
    leaves: (table, start, size) => model.leaves(table, start, size),
  });
