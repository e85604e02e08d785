import { KvmNestedState } from './abi.ts';
import { StateFlags, StateFlags2019 } from './flags.ts';
import type { Vcpu } from './dialect.ts';
import { isDefined, refuse, type Rule } from './rule.ts';
import { both, facts } from '../../citation.ts';
import { vcpuIoctl } from './sources.ts';

/** `kvm_arch_vcpu_ioctl`, `case KVM_SET_NESTED_STATE`: what is checked before the vendor's code sees the call. */

const header = KvmNestedState.size;

const copyHeader: Rule<Vcpu> = refuse(
  {
    name: 'copy_header',
    about: 'the 128 bytes of the header can be read',
    source: both(vcpuIoctl(), facts.nestedState('6a 1, 6b 1')),
  },
  ({ memory }) => memory.length < header,
  'EFAULT',
);

const size: Rule<Vcpu> = refuse(
  {
    name: 'size',
    about: 'size counts at least the header',
    source: both(vcpuIoctl(), facts.nestedState('6a 2, 6b 2')),
  },
  ({ state }) => state.size < header,
);

const stateFlags = (layout: typeof StateFlags | typeof StateFlags2019): Rule<Vcpu> =>
  refuse(
    {
      name: 'flags',
      about: 'flags has only bits that this revision defines',
      source: both(vcpuIoctl(), facts.nestedState('6a 3')),
    },
    ({ state }) => !isDefined(state.flags, layout),
  );

const runPending: Rule<Vcpu> = refuse(
  {
    name: 'run_pending',
    about: 'RUN_PENDING implies GUEST_MODE',
    source: both(vcpuIoctl('nested_run_pending implies guest_mode'), facts.nestedState('6a 4, 6b 4')),
  },
  ({ state }) => {
    const flags = StateFlags.decode(BigInt(state.flags));
    return flags.runPending && !flags.guestMode;
  },
);

export const commonRules2019: readonly Rule<Vcpu>[] = [
  copyHeader,
  size,
  stateFlags(StateFlags2019),
  runPending,
];
export const commonRules: readonly Rule<Vcpu>[] = [copyHeader, size, stateFlags(StateFlags), runPending];
