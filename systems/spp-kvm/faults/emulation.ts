import {
  completeEmulated,
  correctSteps,
  denyEmulated,
  gfnOf,
  isProtected,
  type Steps,
} from '../../../model/kvm/index.ts';

/** Faults of what KVM's emulator checks before it writes for the guest: facts 5, D9. */

/** "gfn_end = (gpa+bytes)>>12 is off by one at page end": a write up to the last byte asks for the next page too. */
export const asksNextPage: Steps['emulatedWriteDenied'] = (kvm, view, access) => {
  const { gpa, size } = access.access;
  const last = gfnOf(gpa + BigInt(size));
  const isNeighbour = last !== access.gfn && kvm.vm.shape.gfns.includes(last);
  if (isNeighbour && isProtected(kvm, view, last)) return gpa;
  return correctSteps.emulatedWriteDenied(kvm, view, access);
};

/** "spp.addr=gfn". */
export const reportsFrameNumber: Steps['emulatedWriteDenied'] = (kvm, view, access) =>
  correctSteps.emulatedWriteDenied(kvm, view, access) === undefined ? undefined : access.gfn;

/** "cmpxchg path unchecked". */
export const exchangeUnchecked: Steps['emulatedWriteDenied'] = (kvm, view, access) =>
  access.access.kind === 'rmw' ? undefined : correctSteps.emulatedWriteDenied(kvm, view, access);

/** The page is written, and only then is asked whether it may be: user space hears of a write that has happened. */
export const writesThenAsks: Steps['emulateWrite'] = (kvm, state, fault) => {
  const denied = kvm.steps.emulatedWriteDenied(kvm, state, fault.access);
  if (denied === undefined) return correctSteps.emulateWrite(kvm, state, fault);
  completeEmulated(kvm, state, fault);
  return denyEmulated(kvm, state, fault, denied);
};
