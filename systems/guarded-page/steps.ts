import { type Action, disabled, each, type Read, type Result, type Write } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { FULL_VECTOR, spread } from '../../model/kvm/index.ts';
import {
  isGuarded,
  NEVER_MAPPED,
  type OperationName,
  operations,
  OwnerId,
  type PageOfCall,
  PROT_RWX,
  type StepWrite,
  viewOf,
} from '../../model/pkvm/index.ts';
import type { GuardCall } from './calls.ts';
import { type Doing, l2eSlot, pageNamed, pageOf, transitionOf } from './doing.ts';
import { flush } from './flush.ts';
import { FREE, holderOfLock, lockedBy, pageOfLock } from './lock.ts';
import type { StepName } from './program.ts';
import { refuse } from './refuse.ts';
import { type GuestPage, regionOf, type World } from './world.ts';

/** Writes what the initiator or the completer of the page-state API writes. */
function writeLeaf(doing: Doing, step: StepWrite | undefined): void {
  const { world, call, read, write } = doing;
  if (step === undefined) return;
  const page = pageOf(doing, pageOfLock(read(world.lock)));
  const word = step.word(page, call.prot ?? PROT_RWX);
  if (step.table === 'host') {
    const slot = world.host.get(page.hpa);
    if (slot !== undefined) write(slot, world.rules.hostMapped(word));
    return;
  }
  if (call.page === undefined) return;
  const before = read(call.page.leaf);
  const isMapped = viewOf(word).isPresent;
  const after = isMapped
    ? world.rules.mapped(before, word, read(call.page.record))
    : world.rules.unmapped(before);
  write(call.page.leaf, after);
}

/** The guest pages that a step is about: the one that is named, or all that share the SPPT's page. */
const concerned = ({ world, call }: Doing): readonly GuestPage[] =>
  call.page === undefined ? regionOf(world, call.vm) : [call.page];

/** The same for each of them. */
const eachConcerned = (doing: Doing, body: (page: GuestPage) => void): void =>
  each(doing.read, concerned(doing), ({ leaf }) => leaf, body);

function mark(doing: Doing, page: GuestPage, vector: number): void {
  const { world, read, write } = doing;
  const before = read(page.leaf);
  if (vector === FULL_VECTOR && !isGuarded(before)) return;
  const after = world.rules.marked(before, vector);
  write(page.leaf, after);
  if (world.rules.marksAndFlushes(before, after)) flush(doing, [page]);
}

/** What the host had put into a page before it gave it away: words that would permit everything. */
const hostile = spread(FULL_VECTOR);

function perform(step: StepName, doing: Doing): void {
  const { world, call, read, write } = doing;
  const l2e = l2eSlot(doing);
  switch (step) {
    case 'check':
      return;
    case 'initiate':
      if (call.name === 'spp_enable') eachConcerned(doing, page => write(page.l1e, hostile));
      return writeLeaf(doing, transitionOf(doing, 'last')?.initiate);
    case 'complete':
      return writeLeaf(doing, transitionOf(doing, 'last')?.complete);
    case 'forget':
      return eachConcerned(doing, page => write(page.record, FULL_VECTOR));
    case 'scrub':
    case 'wipe':
      return eachConcerned(doing, page => write(page.l1e, 0n));
    case 'invalidate':
      if (l2e !== undefined) write(l2e, SpptEntry.with(read(l2e), { valid: false }));
      return;
    case 'record':
      return eachConcerned(doing, page => write(page.record, call.vector ?? FULL_VECTOR));
    case 'mark':
    case 'open':
      return eachConcerned(doing, page => mark(doing, page, call.vector ?? FULL_VECTOR));
    case 'flush':
      return flush(doing, concerned(doing));
    case 'link':
      if (l2e !== undefined) write(l2e, SpptEntry.encode({ table: pageOfLock(read(world.lock)) }));
      return;
    case 'unlink':
      if (l2e !== undefined) write(l2e, 0n);
  }
}

/** The word that the page-state API gives a guest's leaf, whatever the implementation has made of it. */
export function givenWord(
  { call, read, world }: Omit<Doing, 'write'>,
  page: GuestPage,
  name: OperationName,
): bigint {
  const { initiate, complete } = operations[name].transition;
  const step = [initiate, complete].find(one => one?.table === 'guest');
  const asGiven: PageOfCall = {
    hpa: pageOfLock(read(world.lock)),
    gpa: page.gpa,
    vm: call.vm,
    hostLeaf: () => NEVER_MAPPED,
    guestLeaf: () => read(page.given),
  };
  return step?.word(asGiven, call.prot ?? PROT_RWX) ?? NEVER_MAPPED;
}

/** What a call that went through has given: a leaf with its rights and state, and the vector. */
function give(doing: Doing): void {
  const { call, write } = doing;
  eachConcerned(doing, page => {
    switch (call.name) {
      case 'spp_enable':
        break;
      case 'spp_set':
      case 'spp_disable':
        write(page.asked, call.vector ?? FULL_VECTOR);
        break;
      default:
        write(page.given, givenWord(doing, page, call.name));
        if (call.name === 'host_undonate_guest' || call.name === 'host_unshare_guest')
          write(page.asked, FULL_VECTOR);
    }
  });
}

/** One step of one call. The first is refused or takes the lock; the last gives it back and returns 0. */
function stepAction(world: World, call: GuardCall, at: number): Action {
  const program = world.rules.programs[call.name];
  const step = program[at];
  const run = (read: Read, write: Write): Result | typeof disabled => {
    const held = holderOfLock(read(world.lock));
    const isTurn = at === 0 ? held === undefined : held?.call === call.text && held.at === at;
    if (step === undefined || !isTurn) return disabled;
    const doing = { world, call, read, write };
    if (at === 0) {
      if (call.name === 'spp_set' && world.rules.remembersFirst) perform('record', doing);
      const refused = refuse(doing);
      if (refused !== undefined) return refused.errno;
    }
    const hpa = held?.hpa ?? pageNamed(doing);
    perform(step, doing);
    if (at < program.length - 1) {
      write(world.lock, lockedBy({ call: call.text, at: at + 1, hpa }));
      return 'ok';
    }
    give(doing);
    write(world.lock, FREE);
    return 0;
  };
  return {
    name: `${call.name}/${step ?? 'return'}`,
    actor: actorName(call.by),
    args: call.args,
    run,
    ...(at === 0
      ? {
          explain: read =>
            refuse({ world, call, read, write: () => undefined })?.why ?? 'every check holds',
        }
      : {}),
  };
}

const actorName = (by: number): string =>
  by === OwnerId.PKVM_ID_HYP ? 'hypervisor' : by === OwnerId.PKVM_ID_HOST ? 'host' : `guest${by}`;

/** What a step action is, for whoever looks at steps: properties and the twin. */
export interface StepOf {
  readonly call: GuardCall;
  readonly at: number;
  readonly isLast: boolean;
}

/** Every step of every call. */
export const stepActions = (world: World, calls: readonly GuardCall[]): ReadonlyMap<Action, StepOf> =>
  new Map(
    calls.flatMap(call => {
      const { length } = world.rules.programs[call.name];
      return Array.from(
        { length },
        (_, at) => [stepAction(world, call, at), { call, at, isLast: at === length - 1 }] as const,
      );
    }),
  );
