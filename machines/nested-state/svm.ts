import { common, decision, ends, outcomes, start } from './decision.ts';
import { facts } from '../../model/citation.ts';
import { svmSet } from '../../model/kvm/nested-state/sources.ts';

/** SVM in the newest revision (facts/nested-state-and-hyperv.md 6c). In 2019 SVM had no such ioctl. */
export const svmNestedState = decision.createMachine({
  id: 'svm-nested-state',
  context: start,
  initial: 'pointer',
  states: {
    ...common,
    format: {
      on: {
        vmx: { target: 'EINVAL', meta: ends('format', facts.nestedState('6c 1')) },
        neither: { target: 'EINVAL', meta: ends('format', facts.nestedState('6c 1')) },
        svm: { target: 'svm_flags', meta: { source: svmSet() } },
      },
    },
    svm_flags: {
      on: {
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('svm_flags', facts.nestedState('6c 2')),
        },
        defined: { target: 'l2', meta: { source: svmSet() } },
      },
    },
    l2: {
      on: {
        not_running: {
          target: 'accepted',
          meta: ends('not_in_l2', facts.nestedState('6c 4, 5, 6, 8')),
        },
        without_svme: { target: 'EINVAL', meta: ends('svme', facts.nestedState('6c 3')) },
        in_smm: { target: 'EINVAL', meta: ends('smm', svmSet('SMM temporarily disables SVM')) },
        running: { target: 'vmcb_pa', meta: { source: svmSet() } },
      },
    },
    vmcb_pa: {
      on: {
        no_page: { target: 'EINVAL', meta: ends('vmcb_pa', facts.nestedState('6c 7')) },
        page: { target: 'room', meta: { source: svmSet() } },
      },
    },
    room: {
      on: {
        none: { target: 'EINVAL', meta: ends('room', facts.nestedState('6c 9')) },
        some: { target: 'memory', meta: { source: svmSet() } },
      },
    },
    memory: {
      on: {
        none: { target: 'ENOMEM', meta: ends('memory', svmSet('kzalloc')) },
        enough: { target: 'vmcb', meta: { source: svmSet() } },
      },
    },
    vmcb: {
      on: {
        faults: { target: 'EFAULT', meta: ends('copy_vmcb', svmSet('copy_from_user')) },
        refused: { target: 'EINVAL', meta: ends('entry', svmSet('nested_vmcb_check_controls')) },
        entered: { target: 'accepted', meta: ends('entered', svmSet()) },
      },
    },
    ...outcomes,
  },
});
