import { withFaults } from '../../model/fault.ts';
import { system } from '../define.ts';
import { oneOf } from '../size.ts';
import type { Profile } from '../system.ts';
import { nestedStateMutants } from './mutants.ts';
import { specified } from './rules.ts';
import { svmSystem } from './svm.ts';
import { vmxSystem } from './vmx.ts';

const profiles: readonly Profile[] = [
  {
    name: 'vmx',
    about: 'a vCPU on a host with VMX: every state that user space restores, and each with one field wrong',
    parameters: { vendor: 'vmx' },
    isDefault: true,
    pinned: {
      states: 41,
      because:
        '8 outside VMX operation (VMX in CPUID, eVMCS, SMM), 14 in it (8 outside SMM, 6 inside), the same 14 with eVMCS enabled and 5 on one',
    },
  },
  {
    name: 'svm',
    about: 'a vCPU on a host with SVM',
    parameters: { vendor: 'svm' },
    isDefault: true,
    pinned: {
      states: 11,
      because: '8 outside L2 (GIF, EFER.SVME, SMM) and 3 in it (GIF, GIF and an entry pending, neither)',
    },
  },
];

export const nestedState = system({
  name: 'nested-state',
  about: 'what KVM_SET_NESTED_STATE accepts, and what it leaves of the vCPU (the last patch of seed 001)',
  size: { vendor: oneOf(['vmx', 'svm'], 'of the host') },
  profiles,
  finite:
    'one vCPU and one call: nothing is counted, and each field takes the values that its checks tell apart, not every one',
  faults: nestedStateMutants,
  build: ({ vendor }, faults) => (vendor === 'vmx' ? vmxSystem : svmSystem)(withFaults(specified, faults)),
});
