import {
  nestedStateRules,
  type Rule,
  StateFlags,
  withoutRule,
} from '../../model/kvm/nested-state/index.ts';
import type { TriedFault } from '../system.ts';
import type { NestedStateRules } from './rules.ts';
import { commit } from '../../model/citation.ts';
import { svmSet, vmxSet } from '../../model/kvm/nested-state/sources.ts';

/** A fault of the ioctl as the checker tries it. */
export type NestedStateMutant = TriedFault<NestedStateRules>;

/** One mutant a check, but for the last, which accepts whatever comes so far. */
const leftOut = (rules: readonly Rule<never>[], profile: 'vmx' | 'svm'): NestedStateMutant[] =>
  rules
    .filter(({ name }) => name !== 'entered')
    .map(({ name, about, source }) => ({
      name: `${profile}.${name}`,
      about: `does not ask whether ${about}`,
      source,
      profile,
      change: rules => withoutRule(rules, name),
    }));

/** Faults of what a call does, beside its checks. */
const wrong: readonly NestedStateMutant[] = [
  {
    name: 'vmx.pending_kept',
    about: 'a pending entry is recorded before the last checks and stays when they refuse the state',
    source: commit('Clear nested_run_pending if setting nested state fails'),
    profile: 'vmx',
    change: ({ vmxAfter }) => ({
      vmxAfter: (before, call, rule) => {
        const after = vmxAfter(before, call, rule);
        const isRecorded = ['shadow_room', 'copy_shadow', 'shadow', 'entry'].includes(rule);
        return isRecorded
          ? { ...after, runPending: StateFlags.get(BigInt(call.state.flags), 'runPending') }
          : after;
      },
    }),
  },
  {
    name: 'vmx.not_left',
    about: 'the new state is laid over the old one, which is not left first',
    source: commit('Tear down old EVMCS state before setting new state'),
    profile: 'vmx',
    change: ({ vmxAfter }) => ({
      vmxAfter: (before, call, rule) => {
        const after = vmxAfter(before, call, rule);
        const wasLeft = after !== before && rule !== 'off';
        return wasLeft ? { ...after, guestMode: after.guestMode || before.guestMode } : after;
      },
    }),
  },
  {
    name: 'vmx.not_taken_out',
    about: 'a state without a VMXON region is accepted, and the old one stays',
    source: vmxSet('vmxon_pa == -1ull ? 0 : -EINVAL', 'vmx_leave_nested'),
    profile: 'vmx',
    change: ({ vmxAfter }) => ({
      vmxAfter: (before, call, rule) =>
        rule === 'off' || rule === 'memory' ? before : vmxAfter(before, call, rule),
    }),
  },
  {
    name: 'svm.pending_first',
    about: 'a pending entry is recorded before the checks',
    source: svmSet('All checks done, we can enter guest mode'),
    profile: 'svm',
    change: ({ svmAfter }) => ({
      svmAfter: (before, call, rule) => {
        const runPending = StateFlags.get(BigInt(call.state.flags), 'runPending');
        return { ...svmAfter(before, call, rule), runPending };
      },
    }),
  },
];

export const nestedStateMutants: readonly NestedStateMutant[] = [
  ...leftOut(nestedStateRules.newest.vmx, 'vmx'),
  ...leftOut(nestedStateRules.newest.svm, 'svm'),
  ...wrong,
];
