import {
  addMemslot,
  deleteMemslot,
  framesOfRegion,
  getDirtyLog,
  isShadowPresent,
  type Kvm,
  mayStart,
  type MemslotCells,
  regionOf,
  runSection,
  type SectionedIoctl,
  shadowLeaf,
  type State,
  stopLogging,
  trackAccess,
  zapFrame,
} from '../../model/kvm/index.ts';
import { type FrameEvents, type SppAction, sppAction } from './action.ts';
import type { SppKvmSize } from './size.ts';
import { faultEvent } from './vcpu-actions.ts';

/** What the host's memory management, dirty logging and memslots do to the VM's mappings. */

const hex = (gfn: bigint): string => `0x${gfn.toString(16)}`;
const each = (gfns: readonly bigint[], type: 'unmap' | 'write_protect' | 'memslot_deleted'): FrameEvents =>
  gfns.map(gfn => ({ gfn, event: { type } }));

function frameActions(kvm: Kvm, size: SppKvmSize, gfn: bigint): readonly SppAction[] {
  const { vm } = kvm;
  const args = { gfn: hex(gfn) };
  const lockIsFree = (state: State): boolean => state.get(vm.mmuLock) === 'free';
  const unmap = sppAction(
    'host unmaps the page',
    'host',
    args,
    state => {
      const leaf = shadowLeaf(kvm, state, gfn);
      if (leaf === undefined || leaf.spte === 0n || !lockIsFree(state)) return undefined;
      zapFrame(kvm, state, gfn);
      kvm.steps.flushRemoteTlbs(kvm, state);
      return 0;
    },
    before =>
      each(
        shadowLeaf(kvm, before, gfn)?.size === '2M' ? framesOfRegion(vm, regionOf(gfn)) : [gfn],
        'unmap',
      ),
  );
  const prefetch = sppAction(
    'KVM prefetches the page',
    'KVM',
    args,
    state => {
      const slot = vm.memslotOf(gfn);
      if (slot === undefined || state.get(slot.state) === 'none' || !lockIsFree(state)) return undefined;
      const leaf = shadowLeaf(kvm, state, gfn);
      if (leaf !== undefined && isShadowPresent(leaf.spte)) return undefined;
      const installed = kvm.steps.installLeaf(kvm, state, { gfn, cause: 'prefetch' });
      const handling = installed.kind === 'marking' ? kvm.steps.finishInstall(kvm, state, gfn) : installed;
      return handling.kind === 'retry' ? handling.did : handling.kind;
    },
    before => faultEvent(kvm, before, gfn, 'prefetch'),
  );
  const age = sppAction(
    'host asks whether the page is young',
    'host',
    args,
    state => (lockIsFree(state) && trackAccess(kvm, state, gfn) ? 'tracked' : undefined),
    () => each([gfn], 'write_protect'),
  );
  return [...(size.mm ? [unmap, prefetch] : []), ...(size.tracking ? [age] : [])];
}

/** Dirty logging being started, as an ioctl in sections. */
export const startLogging = (kvm: Kvm, slot: MemslotCells): SectionedIoctl<MemslotCells> => ({
  name: `dirty logging of ${slot.name} starts`,
  sections: kvm.steps.loggingSections,
  request: slot,
});

function loggingActions(kvm: Kvm, size: SppKvmSize, slot: MemslotCells): readonly SppAction[] {
  const args = { memslot: slot.name };
  const isThere = (state: State, logging: boolean): boolean =>
    mayStart(kvm, state) && state.get(slot.state) !== 'none' && state.get(slot.logging) === logging;
  return [
    sppAction(
      'KVM_SET_USER_MEMORY_REGION: log dirty pages',
      'user space',
      args,
      state => (isThere(state, false) ? runSection(kvm, state, startLogging(kvm, slot), 0) : undefined),
      () => each(slot.gfns, 'write_protect'),
    ),
    sppAction(
      'KVM_GET_DIRTY_LOG',
      'user space',
      args,
      state => (isThere(state, true) ? getDirtyLog(kvm, state, slot) : undefined),
      before =>
        each(
          slot.gfns.filter(gfn => before.get(kvm.vm.frame(gfn).dirty)),
          'write_protect',
        ),
    ),
    sppAction(
      'KVM_SET_USER_MEMORY_REGION: stop logging',
      'user space',
      args,
      state => {
        if (!isThere(state, true)) return undefined;
        stopLogging(kvm, state, slot);
        return 0;
      },
      () => (size.large ? each(slot.gfns, 'unmap') : []),
    ),
  ];
}

function memslotActions(kvm: Kvm, slot: MemslotCells): readonly SppAction[] {
  const args = { memslot: slot.name };
  return [
    sppAction(
      'KVM_SET_USER_MEMORY_REGION: delete',
      'user space',
      args,
      state => {
        if (!mayStart(kvm, state) || state.get(slot.state) === 'none') return undefined;
        deleteMemslot(kvm, state, slot);
        return 0;
      },
      () => each(slot.gfns, 'memslot_deleted'),
    ),
    sppAction('KVM_SET_USER_MEMORY_REGION: add', 'user space', args, state => {
      if (!mayStart(kvm, state) || state.get(slot.state) !== 'none') return undefined;
      addMemslot(kvm, state, slot);
      return 0;
    }),
  ];
}

/** Another VM on the same host. */
const otherVmActions = (kvm: Kvm): readonly SppAction[] => [
  sppAction('KVM_CREATE_VCPU', 'user space of VM B', {}, state => {
    if (state.get(kvm.vm.other.vcpuExists)) return undefined;
    kvm.steps.createOtherVcpu(kvm, state);
    return 0;
  }),
];

export function memoryActions(kvm: Kvm, size: SppKvmSize): readonly SppAction[] {
  const { vm } = kvm;
  return [
    ...vm.shape.gfns.flatMap(gfn => frameActions(kvm, size, gfn)),
    ...(size.logging ? vm.memslots.flatMap(slot => loggingActions(kvm, size, slot)) : []),
    ...(size.memslots > 0 ? vm.memslots.flatMap(slot => memslotActions(kvm, slot)) : []),
    ...(size.other ? otherVmActions(kvm) : []),
  ];
}
