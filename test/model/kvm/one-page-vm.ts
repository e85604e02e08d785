import { type AccessKind, guestAccess } from '../../../model/ept/index.ts';
import {
  correctSteps,
  type KvmRevision,
  enable,
  executeAccess,
  type GuestAccess,
  gpaOf,
  handleExit,
  initialState,
  type Kvm,
  loadSpp,
  makeVm,
  normativeRevision,
  runSection,
  type SetRequest,
  type State,
  type VcpuCells,
} from '../../../model/kvm/index.ts';

/** A VM with a few pages at and above gfn 0x1fe, one memslot and one vCPU, and short words for what one does to it. */
export interface SmallVm {
  readonly kvm: Kvm;
  readonly state: State;
  readonly vcpu: VcpuCells;
  access(gfn: bigint, subPage: number, kind?: AccessKind): GuestAccess;
  /** KVM_ENABLE_CAP, and the vCPU has loaded the root. */
  enable(): number;
  /** KVM_SUBPAGES_SET_ACCESS after its argument was copied, in all of its sections. */
  set(gfn: bigint, ...accessMap: readonly number[]): number | string;
  /** The vCPU executes the access, or executes it again. */
  execute(access: GuestAccess): string;
  /** KVM handles the exit that the vCPU is in. */
  handle(): string | number | undefined;
}

const hardware = { hardware: true, nested: false, memoryAvailable: true };

export function smallVm(options: {
  readonly gfns?: readonly bigint[];
  readonly memslots?: readonly (readonly bigint[])[];
  readonly largeBacking?: boolean;
  readonly revision?: KvmRevision;
}): SmallVm {
  const gfns = options.gfns ?? [0x1ffn];
  const subPages = Array.from({ length: 32 }, (_, i) => i);
  const make = (gfn: bigint, subPage: number, kind: AccessKind): GuestAccess => ({
    name: `${kind} ${subPage} of 0x${gfn.toString(16)}`,
    gfn,
    access: guestAccess(kind, gpaOf(gfn) + BigInt(subPage * 128), { size: 8 }),
    writes: kind !== 'read',
  });
  const vm = makeVm({
    gfns,
    memslots: options.memslots ?? [gfns],
    vcpus: 1,
    accesses: gfns.flatMap(gfn => subPages.flatMap(i => [make(gfn, i, 'write'), make(gfn, i, 'read')])),
    largeBacking: options.largeBacking ?? false,
    cachesTranslations: false,
    vcpusExist: true,
  });
  const kvm: Kvm = { vm, revision: options.revision ?? normativeRevision, steps: correctSteps };
  const state = initialState();
  const [vcpu] = vm.vcpus;
  if (vcpu === undefined) throw new Error('this VM has one vCPU');
  const set = (request: SetRequest): number | string => {
    const refused = kvm.steps.checkSet(kvm, state, request);
    if (refused !== undefined) return refused;
    const ioctl = { name: 'SET', sections: kvm.steps.setSections, request };
    return kvm.steps.setSections.reduce<number | string>(
      (_, __, at) => runSection(kvm, state, ioctl, at),
      0,
    );
  };
  return {
    kvm,
    state,
    vcpu,
    access: (gfn, subPage, kind = 'write') => make(gfn, subPage, kind),
    enable: () => {
      const result = enable(kvm, state, hardware);
      loadSpp(kvm, state, vcpu);
      return result;
    },
    set: (gfn, ...accessMap) => set({ gfn, npages: accessMap.length, accessMap }),
    execute: access => executeAccess(kvm, state, vcpu, access),
    handle: () => handleExit(kvm, state, vcpu),
  };
}
