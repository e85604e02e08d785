import type { Read, Slot, Write } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { NEVER_MAPPED, OwnerId, type PageOfCall, type Transition, viewOf } from '../../model/pkvm/index.ts';
import type { GuardCall } from './calls.ts';
import { tablesOf, type World } from './world.ts';

/** One step of one call, with what it works on. */
export interface Doing {
  readonly world: World;
  readonly call: GuardCall;
  readonly read: Read;
  readonly write: Write;
}

/** The operation of the page-state API that a call makes, where it makes one. */
export function transitionOf(
  { world: { rules }, call: { name } }: Doing,
  step: 'first' | 'last',
): Transition | undefined {
  switch (name) {
    case 'spp_set':
      return undefined;
    case 'spp_enable':
      return rules.operations.host_donate_hyp.transition;
    case 'spp_disable':
      return step === 'first' ? undefined : rules.operations.hyp_donate_host.transition;
    default:
      return rules.operations[name].transition;
  }
}

/** The guest's SPPT entry above the vectors. */
export const l2eSlot = ({ world, call }: Doing): Slot<bigint> | undefined =>
  world.sppts.find(({ vm }) => vm.id === call.vm)?.l2e;

/** The page of a call as the checks of the page-state API see it. */
export function pageOf(doing: Doing, hpa: bigint): PageOfCall {
  const { world, call, read } = doing;
  const isGuests = call.page !== undefined;
  const tables = tablesOf(world, read);
  return {
    hpa,
    gpa: call.page?.gpa ?? 0n,
    vm: isGuests ? call.vm : OwnerId.PKVM_ID_HYP,
    hostLeaf: () => tables.host(hpa),
    guestLeaf: () => (call.page === undefined ? NEVER_MAPPED : world.rules.stateSeen(read(call.page.leaf))),
  };
}

/** The page that a call is about: named by the caller, mapped by the guest, or the SPPT's own. */
export function pageNamed(doing: Doing): bigint {
  const { call, read } = doing;
  if (call.hpa !== undefined) return call.hpa;
  if (call.page !== undefined) return viewOf(read(call.page.leaf)).page;
  const slot = l2eSlot(doing);
  return slot === undefined ? 0n : SpptEntry.get(read(slot), 'table');
}
