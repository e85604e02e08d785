import { type Action, every, type Read, type Step, type Twin } from '../../checker/index.ts';
import { arrowOf, type GuardedPageEvent, guardedPageMachine } from '../../machines/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { FULL_VECTOR } from '../../model/kvm/index.ts';
import { Errno, errnoName, PageState, PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import type { GuardCall } from './calls.ts';
import { holderOf } from './checks.ts';
import type { StepOf } from './steps.ts';
import { type GuestPage, hostWord, regionOf, type World } from './world.ts';

const arrow = arrowOf(guardedPageMachine);
type State = Parameters<typeof arrow>[0]['value'];

/** Where a guest page is by what the calls so far have given it, and by whether its vector can be reached. */
function stateOf(world: World, read: Read, page: GuestPage): State {
  const given = read(page.given);
  const { isPresent, pageState } = viewOf(given);
  if (!isPresent) return 'unmapped';
  const writes = PkvmLeaf.get(given, 'write');
  if (pageState === PageState.PKVM_PAGE_SHARED_OWNED) return writes ? 'shared' : 'shared_read_only';
  if (read(page.asked) === FULL_VECTOR) return writes ? 'open' : 'read_only';
  const sppt = world.sppts.find(({ vm }) => vm.id === page.vm.id);
  return sppt !== undefined && SpptEntry.get(read(sppt.l2e), 'valid') ? 'enforced' : 'waiting';
}

/** Where it is by its words alone. */
function stateOfWords(world: World, read: Read, page: GuestPage): State | 'no state' {
  const leaf = read(page.leaf);
  const { isPresent, pageState } = viewOf(leaf);
  if (!isPresent) return 'unmapped';
  const { write, subPageWrite } = PkvmLeaf.decode(leaf);
  if (pageState === PageState.PKVM_PAGE_SHARED_OWNED)
    return subPageWrite ? 'no state' : write ? 'shared' : 'shared_read_only';
  if (!subPageWrite) return write ? 'open' : 'read_only';
  if (write) return 'no state';
  const sppt = world.sppts.find(({ vm }) => vm.id === page.vm.id);
  return sppt !== undefined && SpptEntry.get(read(sppt.l2e), 'valid') ? 'enforced' : 'waiting';
}

/** The call as an event of the page that it names. `undefined` where it names none. */
function eventOf(world: World, call: GuardCall, page: GuestPage, read: Read): GuardedPageEvent | undefined {
  const hpa = call.hpa ?? 0n;
  switch (call.name) {
    case 'host_donate_guest':
    case 'host_share_guest':
      return {
        type: 'map',
        isHosts: viewOf(hostWord(world, read, hpa)).pageState === PageState.PKVM_PAGE_OWNED,
        writes: call.prot?.write ?? true,
      };
    case 'host_undonate_guest':
    case 'host_unshare_guest':
      return { type: 'unmap', isThere: viewOf(read(page.given)).page === hpa };
    case 'guest_share_host':
      return { type: 'share_host' };
    case 'guest_unshare_host':
      return { type: 'unshare_host' };
    case 'spp_set': {
      const sppt = world.sppts.find(({ vm }) => vm.id === page.vm.id);
      return {
        type: 'set',
        vector: call.vector === FULL_VECTOR ? 'full' : 'denying',
        byHolder: holderOf(page.vm, world.size.holder) === call.by,
        spptIsThere: sppt !== undefined && SpptEntry.get(read(sppt.l2e), 'table') !== 0n,
      };
    }
    default:
      return undefined;
  }
}

/** What a refused call returns: a gpa that is not mapped or a table that is not there makes no sense, the rest is not permitted. */
function errnoOf(from: State, event: GuardedPageEvent): Errno {
  const isUnmapped = from === 'unmapped';
  switch (event.type) {
    case 'set':
      return event.byHolder && (isUnmapped || !event.spptIsThere) ? Errno.EINVAL : Errno.EPERM;
    case 'share_host':
    case 'unshare_host':
      return isUnmapped ? Errno.EINVAL : Errno.EPERM;
    default:
      return Errno.EPERM;
  }
}

/** Whether the machine lets the call through: what its first step must answer. */
function checkDisagreement(world: World, { call }: StepOf, { before, result }: Step): string | undefined {
  if (call.page === undefined) return undefined;
  const event = eventOf(world, call, call.page, before);
  if (event === undefined) return undefined;
  const from = stateOf(world, before, call.page);
  const isTaken = !('refused' in arrow({ value: from, context: {} }, event));
  const wanted = isTaken ? 'ok' : errnoOf(from, event);
  if (result === wanted) return undefined;
  const show = (answer: number | string): string =>
    typeof answer === 'number' ? errnoName(answer) : 'lets it through';
  return `${call.page.leaf.name} is ${from}: the protocol answers ${event.type} with ${show(wanted)}, the bits with ${show(result)}`;
}

/** What a step means for another page of the region. */
function eventBeside(call: GuardCall | 'miss'): GuardedPageEvent | undefined {
  if (call === 'miss') return { type: 'miss' };
  if (call.name === 'spp_set') return { type: 'set_in_region' };
  return call.name === 'spp_disable' ? { type: 'sppt_returned' } : undefined;
}

/** Whether every page of the guest is where the machine takes it once a call is done. */
function endDisagreement(
  world: World,
  call: GuardCall | 'miss',
  vm: number,
  step: Step,
): string | undefined {
  return every(
    step.before,
    regionOf(world, vm),
    ({ leaf }) => leaf,
    page => {
      const from = stateOf(world, step.before, page);
      const isNamed = call !== 'miss' && call.page === page;
      const event = isNamed ? eventOf(world, call, page, step.before) : eventBeside(call);
      const own = event?.type === 'map' ? { ...event, isHosts: true } : event; // its own first step has seen to that
      const taken = own === undefined ? undefined : arrow({ value: from, context: {} }, own);
      const wanted = taken === undefined || 'refused' in taken ? from : taken.to.value;
      const found = stateOfWords(world, step.after, page);
      return found === wanted
        ? undefined
        : `${page.leaf.name} was ${from}: the protocol goes to ${wanted}, the words to ${found}`;
    },
  );
}

/** Holds each call, from its first to its last step, and each answer to a miss against the machine. */
export function guardedPageTwin(world: World, steps: ReadonlyMap<Action, StepOf>): Twin {
  return {
    name: 'guarded-page',
    disagrees: step => {
      const found = steps.get(step.action);
      if (found === undefined) {
        const { vm } = step.action.args;
        return step.action.name === 'spp_miss' && typeof vm === 'number'
          ? endDisagreement(world, 'miss', vm, step)
          : undefined;
      }
      if (found.at === 0) return checkDisagreement(world, found, step);
      return found.isLast && step.result === 0
        ? endDisagreement(world, found.call, found.call.vm, step)
        : undefined;
    },
  };
}
