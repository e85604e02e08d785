import {
  correctSteps,
  failure,
  hasVector,
  invalidateRegion,
  isProtected,
  KvmSpte,
  memoryOf,
  plainLeaf,
  protectedLeaf,
  regionOf,
  shadowLeaf,
  spptEntryAddress,
  type Steps,
  store,
} from '../../../model/kvm/index.ts';
import { SpptEntry } from '../../../model/ept/spp/index.ts';

/** Faults of KVM's handling of EPT violations and SPP exits: facts 5. Each is the step that it replaces. */

/** D4: `mmu_set_spte` first, with W=1, and `kvm_spp_mark_protection` afterwards. */
export const installsThenMarks: Pick<Steps, 'installLeaf' | 'finishInstall'> = {
  installLeaf: (kvm, state, install) => {
    const handling = correctSteps.installLeaf(kvm, state, install);
    const leaf = shadowLeaf(kvm, state, install.gfn);
    if (leaf?.size !== '4K' || !isProtected(kvm, state, install.gfn)) return handling;
    const unmarked = KvmSpte.with(leaf.spte, { write: true, subPageWrite: false, sppSaved: false });
    store(kvm.vm, state, leaf.address, unmarked);
    return { kind: 'marking', did: 'mapped 4K, still to be marked' };
  },
  finishInstall: (kvm, state, gfn) => {
    const leaf = shadowLeaf(kvm, state, gfn);
    if (leaf !== undefined) store(kvm.vm, state, leaf.address, protectedLeaf(leaf.spte));
    return { kind: 'retry', did: 'marked' };
  },
};

/** D5: an L2E that was flushed, and so has its address already, is not made valid again. */
export const neverRevalidates: Steps['handleMiss'] = (kvm, state, fault) => {
  const { gfn } = fault.access;
  const before = memoryOf(kvm.vm, state).read(spptEntryAddress(0n, 2, gfn)) ?? 0n;
  const handling = correctSteps.handleMiss(kvm, state, fault);
  if (SpptEntry.get(before, 'table') !== 0n) invalidateRegion(kvm, state, regionOf(gfn));
  return handling;
};

/** D8: the page-fault path asks `run->exit_reason`, which still stands there from the exit before. */
export const asksRunExitReason: Pick<Steps, 'afterFault' | 'enterRun'> = {
  afterFault: (kvm, view, { vcpu }, handling) =>
    handling.kind === 'retry' && view.get(vcpu.exitReason) === kvm.revision.exitNumber
      ? { kind: 'user', exitReason: kvm.revision.exitNumber, sppAddress: view.get(vcpu.sppAddress) }
      : handling,
  enterRun: () => undefined,
};

/** The review of v7: an SPP miss on a page whose memslot has gone fails KVM_RUN. */
export const missFailsWithoutMemslot: Steps['handleMiss'] = (kvm, state, fault) =>
  hasVector(kvm, state, fault.access.gfn)
    ? correctSteps.handleMiss(kvm, state, fault)
    : { kind: 'fails', result: failure('EFAULT') };

/** The review of v4 8/9: the size of a mapping is chosen without asking for vectors. */
export const largeOverProtected: Steps['mappingLevel'] = ({ vm }) => (vm.shape.largeBacking ? '2M' : '4K');

/** Before v9: what is mapped without a fault is mapped as if nothing were protected. */
export const prefetchUnmarked: Steps['installLeaf'] = (kvm, state, install) => {
  const handling = correctSteps.installLeaf(kvm, state, install);
  const leaf = shadowLeaf(kvm, state, install.gfn);
  if (install.cause === 'prefetch' && leaf?.size === '4K')
    store(kvm.vm, state, leaf.address, plainLeaf(KvmSpte.get(leaf.spte, 'page'), '4K', true));
  return handling;
};

/** Bit 61 alone decides, as in seed 002: no matter when the violation was, and of what vector. */
export const trustsBit61: Steps['isDenied'] = () => true;

/** A page that a read or a prefetch maps during dirty logging gets bit 61 at once, so its first write is not logged. */
export const armsWhileLogging: Steps['installLeaf'] = (kvm, state, install) => {
  const handling = correctSteps.installLeaf(kvm, state, install);
  const leaf = shadowLeaf(kvm, state, install.gfn);
  if (leaf !== undefined && KvmSpte.get(leaf.spte, 'sppSaved'))
    store(kvm.vm, state, leaf.address, protectedLeaf(KvmSpte.with(leaf.spte, { sppSaved: false })));
  return handling;
};

/** A fault on a leaf whose bit 61 was saved gives W back, as for any page that was write-protected for logging. */
export const restoresWriteAccess: Steps['fastPageFault'] = (kvm, state, fault) => {
  const leaf = shadowLeaf(kvm, state, fault.access.gfn);
  if (leaf !== undefined) store(kvm.vm, state, leaf.address, KvmSpte.with(leaf.spte, { sppSaved: false }));
  return correctSteps.fastPageFault(kvm, state, fault);
};

/** An early return without unlocking: the handler gives up on a page without vectors and goes on holding `mmu_lock`. */
export const missKeepsLock: Pick<Steps, 'handleMiss' | 'finishInstall'> = {
  handleMiss: (kvm, state, fault) =>
    hasVector(kvm, state, fault.access.gfn)
      ? correctSteps.handleMiss(kvm, state, fault)
      : { kind: 'marking', did: 'gave up, mmu_lock still held' },
  finishInstall: () => ({ kind: 'marking', did: 'mmu_lock still held' }),
};
