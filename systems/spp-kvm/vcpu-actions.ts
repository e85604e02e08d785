import {
  createVcpu,
  executeAccess,
  framesOfRegion,
  type GuestAccess,
  handleExit,
  hasVector,
  isProtected,
  type Kvm,
  loadSpp,
  regionIsBuilt,
  regionOf,
  runAgain,
  skipAndRun,
  type State,
  type VcpuCells,
  type View,
} from '../../model/kvm/index.ts';
import { type FrameEvents, type SppAction, sppAction } from './action.ts';
import type { SppKvmSize } from './size.ts';

/** What a vCPU does: guest code, exits, KVM's handlers, and user space's answer to an exit. */

/** What a fault of a frame, or an unasked mapping of it, means to the frame. */
export function faultEvent(
  kvm: Kvm,
  before: View,
  gfn: bigint,
  cause: 'write' | 'read' | 'prefetch',
): FrameEvents {
  const slot = kvm.vm.memslotOf(gfn);
  if (slot === undefined || !isProtected(kvm, before, gfn)) return [];
  const eager = kvm.revision.setOnMapped === 'eager';
  const event = {
    type: 'fault',
    cause,
    logging: before.get(slot.logging),
    regionIsBuilt: regionIsBuilt(kvm, before, gfn),
    eager,
  } as const;
  return [{ gfn, event }];
}

function handledEvents(kvm: Kvm, before: View, vcpu: VcpuCells): FrameEvents {
  const phase = before.get(vcpu.phase);
  if (phase !== 'EPT violation' && phase !== 'SPP miss') return [];
  const { gfn, writes } = kvm.vm.accessNamed(before.get(vcpu.access));
  if (phase === 'EPT violation') return faultEvent(kvm, before, gfn, writes ? 'write' : 'read');
  if (!hasVector(kvm, before, gfn)) return [];
  const frames = kvm.revision.missRebuilds === 'page' ? [gfn] : framesOfRegion(kvm.vm, regionOf(gfn));
  return frames.map(frame => ({ gfn: frame, event: { type: 'spp_miss' } }));
}

const inUserSpace = (state: State, vcpu: VcpuCells): boolean =>
  state.get(vcpu.phase).startsWith('in user space');

function actionsOf(kvm: Kvm, size: SppKvmSize, vcpu: VcpuCells): readonly SppAction[] {
  const { vm } = kvm;
  const guest = `guest on ${vcpu.name}`;
  const isThere = (state: State): boolean => !size.late || state.get(vcpu.exists);
  const runsGuest = (state: State, phase: 'in guest' | 'retry'): boolean =>
    state.get(vcpu.phase) === phase && isThere(state) && !state.get(vcpu.loadRequest);
  const args = { vcpu: vcpu.index };
  const execute = (access: GuestAccess): SppAction =>
    sppAction(access.writes ? 'guest writes' : 'guest reads', guest, { access: access.name }, state =>
      runsGuest(state, 'in guest') ? executeAccess(kvm, state, vcpu, access) : undefined,
    );
  const emulate = (access: GuestAccess): SppAction =>
    sppAction('KVM emulates a guest write', `KVM for ${vcpu.name}`, { access: access.name }, state =>
      runsGuest(state, 'in guest') ? kvm.steps.emulateWrite(kvm, state, { vcpu, access }) : undefined,
    );
  const always = [
    ...vm.shape.accesses.map(execute),
    sppAction('guest executes the instruction again', guest, args, state =>
      runsGuest(state, 'retry')
        ? executeAccess(kvm, state, vcpu, vm.accessNamed(state.get(vcpu.access)))
        : undefined,
    ),
    sppAction(
      'KVM handles the exit',
      `KVM for ${vcpu.name}`,
      args,
      state => handleExit(kvm, state, vcpu),
      before => handledEvents(kvm, before, vcpu),
    ),
    sppAction('KVM loads SPPTP', `KVM for ${vcpu.name}`, args, state => {
      const mayLoad = ['in guest', 'retry'].includes(state.get(vcpu.phase)) && state.get(vcpu.loadRequest);
      if (!mayLoad) return undefined;
      loadSpp(kvm, state, vcpu);
      return 0;
    }),
    sppAction('KVM_RUN', 'user space', args, state => {
      if (!inUserSpace(state, vcpu)) return undefined;
      runAgain(kvm, state, vcpu);
      return 0;
    }),
    sppAction('KVM_SET_REGS: skip the instruction, KVM_RUN', 'user space', args, state => {
      if (state.get(vcpu.phase) !== 'in user space') return undefined;
      skipAndRun(kvm, state, vcpu);
      return 0;
    }),
  ];
  const create = sppAction('KVM_CREATE_VCPU', 'user space', args, state => {
    if (state.get(vcpu.exists)) return undefined;
    createVcpu(kvm, state, vcpu);
    return 0;
  });
  const freeRoots = sppAction(
    'guest toggles CR0.PG, KVM frees the roots',
    guest,
    args,
    state => {
      if (!runsGuest(state, 'in guest') || state.get(vm.mmuLock) !== 'free') return undefined;
      kvm.steps.freeRoots(kvm, state, vcpu);
      return 0;
    },
    before =>
      before.get(vm.active) ? vm.shape.gfns.map(gfn => ({ gfn, event: { type: 'roots_freed' } })) : [],
  );
  return [
    ...always,
    ...(size.emulation ? vm.shape.accesses.filter(({ writes }) => writes).map(emulate) : []),
    ...(size.late ? [create] : []),
    ...(size.roots ? [freeRoots] : []),
  ];
}

/** The actions of every vCPU. */
export const vcpuActions = (kvm: Kvm, size: SppKvmSize): readonly SppAction[] =>
  kvm.vm.vcpus.flatMap(vcpu => actionsOf(kvm, size, vcpu));
