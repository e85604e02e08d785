import { common, decision, ends, kernel, outcomes, start } from './decision.ts';

const svm = 'svm/nested.c, svm_set_nested_state';

/** SVM in the newest revision (facts/nested-state-and-hyperv.md 6c). In 2019 SVM had no such ioctl. */
export const svmNestedState = decision.createMachine({
  id: 'svm-nested-state',
  context: start,
  initial: 'pointer',
  states: {
    ...common,
    format: {
      on: {
        vmx: { target: 'EINVAL', meta: ends('format', 'facts/nested-state-and-hyperv.md 6c 1') },
        neither: { target: 'EINVAL', meta: ends('format', 'facts/nested-state-and-hyperv.md 6c 1') },
        svm: { target: 'svm_flags', meta: kernel(svm) },
      },
    },
    svm_flags: {
      on: {
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('svm_flags', 'facts/nested-state-and-hyperv.md 6c 2'),
        },
        defined: { target: 'l2', meta: kernel(svm) },
      },
    },
    l2: {
      on: {
        not_running: {
          target: 'accepted',
          meta: ends('not_in_l2', 'facts/nested-state-and-hyperv.md 6c 4, 5, 6, 8'),
        },
        without_svme: { target: 'EINVAL', meta: ends('svme', 'facts/nested-state-and-hyperv.md 6c 3') },
        in_smm: { target: 'EINVAL', meta: ends('smm', `${svm}, "SMM temporarily disables SVM"`) },
        running: { target: 'vmcb_pa', meta: kernel(svm) },
      },
    },
    vmcb_pa: {
      on: {
        no_page: { target: 'EINVAL', meta: ends('vmcb_pa', 'facts/nested-state-and-hyperv.md 6c 7') },
        page: { target: 'room', meta: kernel(svm) },
      },
    },
    room: {
      on: {
        none: { target: 'EINVAL', meta: ends('room', 'facts/nested-state-and-hyperv.md 6c 9') },
        some: { target: 'memory', meta: kernel(svm) },
      },
    },
    memory: {
      on: {
        none: { target: 'ENOMEM', meta: ends('memory', `${svm}, kzalloc`) },
        enough: { target: 'vmcb', meta: kernel(svm) },
      },
    },
    vmcb: {
      on: {
        faults: { target: 'EFAULT', meta: ends('copy_vmcb', `${svm}, copy_from_user`) },
        refused: { target: 'EINVAL', meta: ends('entry', `${svm}, nested_vmcb_check_controls`) },
        entered: { target: 'accepted', meta: ends('entered', svm) },
      },
    },
    ...outcomes,
  },
});
