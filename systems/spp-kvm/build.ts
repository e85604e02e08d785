import { type Fault, withFaults } from '../../model/fault.ts';
import {
  correctSteps,
  framesOf,
  type Kvm,
  type KvmDecisions,
  makeVm,
  pageLife,
} from '../../model/kvm/index.ts';
import { enforcement } from '../../properties/spp-kvm-enforcement.ts';
import { type SppKvmSteps, userInterface } from '../../properties/spp-kvm-interface.ts';
import { isolation } from '../../properties/spp-kvm-isolation.ts';
import { reached } from '../../properties/spp-kvm-reached.ts';
import { viewOf } from '../../properties/kvm-sources.ts';
import type { SystemParts } from '../define.ts';
import type { SppAction } from './action.ts';
import { revisions } from './revisions.ts';
import { continueAction, ioctlActions } from './ioctl-actions.ts';
import { type SetCall, setCalls, setInFlight } from './set-calls.ts';
import { memoryActions, startLogging } from './memory-actions.ts';
import type { SppKvmSize } from './size.ts';
import { sppKvmGroups, sppKvmSlots } from './slots.ts';
import { type FrameMove, sppKvmTwin } from './twin.ts';
import { vcpuActions } from './vcpu-actions.ts';

/** The KVM and the VM of a size, with these faults. */
function kvmOf(size: SppKvmSize, faults: readonly Fault<KvmDecisions>[] = []): Kvm {
  const correct: KvmDecisions = { ...correctSteps, revision: revisions[size.dialect] };
  const decisions = withFaults(correct, faults);
  return { vm: makeVm(size.shape), revision: decisions.revision, steps: decisions };
}

function stepsOf(kvm: Kvm, sets: readonly SetCall[], actions: readonly SppAction[]): SppKvmSteps {
  const called = new Map<unknown, SppAction>(actions.map(action => [action, action]));
  const setRunning: SppKvmSteps['setRunning'] = ({ action, before }) =>
    action.name === 'ioctl goes on'
      ? setInFlight(sets, before(kvm.vm.ioctl))?.request
      : called.get(action)?.set;
  return {
    setEnded: step => (typeof step.result === 'number' && step.result > 0 ? setRunning(step) : undefined),
    setRunning,
    setCovers: (view, gfn) => {
      const request = setInFlight(sets, view.get(kvm.vm.ioctl))?.request;
      return request !== undefined && framesOf(request).includes(gfn);
    },
  };
}

/** The system of a size, as it should be or with these faults. */
export function buildSppKvm(
  size: SppKvmSize,
  faults: readonly Fault<KvmDecisions>[] = [],
  observe?: (move: FrameMove) => void,
): SystemParts {
  const kvm = kvmOf(size, faults);
  const sets = setCalls(kvm, size);
  const logging = size.logging ? kvm.vm.memslots.map(slot => startLogging(kvm, slot)) : [];
  const actions = [
    ...ioctlActions(kvm, size, sets),
    ...(size.sections ? [continueAction(kvm, sets, logging)] : []),
    ...vcpuActions(kvm, size),
    ...memoryActions(kvm, size),
  ];
  return {
    slots: sppKvmSlots(kvm),
    groups: sppKvmGroups(kvm),
    actions,
    properties: [
      ...enforcement(kvm, { emulation: size.emulation }),
      ...userInterface(kvm, stepsOf(kvm, sets, actions), {
        logging: size.logging,
        malformed: size.malformed,
        keepsRip: !revisions[size.dialect].skipsInstruction,
      }),
      ...isolation(kvm, { other: size.other }),
      ...reached(kvm, {
        logging: size.logging,
        tracking: size.tracking,
        large: size.large,
        sections: size.sections,
        races: (size.mm || size.shape.vcpus > 1) && size.shape.accesses.length > size.shape.gfns.length,
      }),
    ],
    lives: kvm.vm.shape.gfns.map(gfn => ({
      name: `the life of gfn 0x${gfn.toString(16)}`,
      state: read => pageLife(kvm, viewOf(read), gfn),
    })),
    twin: sppKvmTwin(kvm, actions, observe),
    isRefusal: result => typeof result === 'number' && result < 0,
    deadlock: 'stutter',
  };
}
