import type { System } from '../../checker/index.ts';
import { withFaults } from '../../model/fault.ts';
import type { Parameters, Profile, SystemFamily } from '../system.ts';
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

function build({ vendor }: Parameters, mutantName?: string): System {
  const mutant = nestedStateMutants.find(({ name }) => name === mutantName);
  if (mutantName !== undefined && mutant === undefined)
    throw new RangeError(`nested-state has no mutant ${mutantName}`);
  const rules = withFaults(specified, mutant === undefined ? [] : [mutant]);
  if (vendor === 'vmx') return vmxSystem(rules);
  if (vendor === 'svm') return svmSystem(rules);
  throw new RangeError(`vendor is vmx or svm, not ${String(vendor)}`);
}

export const nestedState: SystemFamily = {
  name: 'nested-state',
  about: 'what KVM_SET_NESTED_STATE accepts, and what it leaves of the vCPU (the last patch of seed 001)',
  parameters: [{ name: 'vendor', about: 'of the host', min: 0, max: 0, words: ['vmx', 'svm'] }],
  profiles,
  mutantProfile: 'vmx',
  mutants: nestedStateMutants,
  build,
};
