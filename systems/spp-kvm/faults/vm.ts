import {
  allocateRoot,
  correctSteps,
  freeSppt,
  isProtected,
  KvmSpte,
  type MemslotCells,
  type Section,
  shadowLeaf,
  type Steps,
  store,
} from '../../../model/kvm/index.ts';

/** Faults of what belongs to the whole VM or host: INIT, roots, logging. Facts 5. */

/** D12: "enable_spp is one module-wide flag set by the first VM". */
export const moduleWideFlag: Pick<Steps, 'enable' | 'createOtherVcpu'> = {
  enable: (kvm, state, conditions) => {
    const result = correctSteps.enable(kvm, state, conditions);
    if (result === 0) state.set(kvm.vm.other.moduleFlag, true);
    return result;
  },
  createOtherVcpu: ({ vm: { other } }, state) => {
    state.set(other.vcpuExists, true);
    state.set(other.sppControl, state.get(other.moduleFlag));
  },
};

/** D13: only the vCPU that frees the roots loads the new one. */
export const othersKeepRoot: Steps['freeRoots'] = (kvm, state, vcpu) => {
  if (!state.get(kvm.vm.active)) return;
  freeSppt(kvm, state);
  allocateRoot(kvm, state);
  state.set(vcpu.loadRequest, true);
  kvm.steps.flushRemoteTlbs(kvm, state);
};

/** D15: the root belongs to a vCPU, and where there is none yet there is no root. */
export const rootOfFirstVcpu: Steps['enable'] = (kvm, state, conditions) => {
  const wasActive = state.get(kvm.vm.active);
  const result = correctSteps.enable(kvm, state, conditions);
  const [first] = kvm.vm.vcpus;
  if (result === 0 && !wasActive && first !== undefined && !state.get(first.exists)) {
    freeSppt(kvm, state);
    state.set(kvm.vm.spptRoot, 0n);
  }
  return result;
};

/** SPP is enabled, and no vCPU is told. */
export const tellsNoVcpu: Steps['enable'] = (kvm, state, conditions) => {
  const result = correctSteps.enable(kvm, state, conditions);
  for (const vcpu of kvm.vm.vcpus) state.set(vcpu.loadRequest, false);
  return result;
};

/** Enabling a second time starts afresh. */
export const enablesAgain: Steps['enable'] = (kvm, state, conditions) => {
  const { active } = kvm.vm;
  if (Object.values(conditions).join() === 'true,false,true') state.set(active, false);
  return correctSteps.enable(kvm, state, conditions);
};

const clearBit61: Section<MemslotCells> = {
  name: 'clear bit 61',
  keepsLock: true,
  run: (kvm, state, slot) => {
    state.set(slot.logging, true);
    for (const gfn of slot.gfns) {
      const leaf = shadowLeaf(kvm, state, gfn);
      if (leaf === undefined) continue;
      store(kvm.vm, state, leaf.address, KvmSpte.with(leaf.spte, { write: false, subPageWrite: false }));
    }
    return 0;
  },
};

const setSavedBit: Section<MemslotCells> = {
  name: 'set the saved bit',
  keepsLock: false,
  run: (kvm, state, slot) => {
    for (const gfn of slot.gfns) {
      const leaf = shadowLeaf(kvm, state, gfn);
      if (leaf === undefined || leaf.spte === 0n || !isProtected(kvm, state, gfn)) continue;
      store(kvm.vm, state, leaf.address, KvmSpte.with(leaf.spte, { sppSaved: true }));
    }
    kvm.steps.flushRemoteTlbs(kvm, state);
    return 0;
  },
};

/** D16: "test_and_clear S then plain `|= saved` races with lockless fast_page_fault". */
export const savesInTwoWrites: readonly Section<MemslotCells>[] = [clearBit61, setSavedBit];
