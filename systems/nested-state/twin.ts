import type { Action, Read, Twin } from '../../checker/index.ts';
import type { Decision } from '../../machines/nested-state/index.ts';
import { type ErrnoName, failure } from '../../model/kvm/errno.ts';

const errnoOf = (outcome: string): number => (outcome === 'accepted' ? 0 : failure(outcome as ErrnoName));

/** The machine beside the checks: what it answers to each call must be what the call returned. */
export const errnoTwin = (decide: (action: Action, read: Read) => Decision | undefined): Twin => ({
  name: 'the decision of KVM_SET_NESTED_STATE',
  disagrees: ({ action, before, result }) => {
    const decision = decide(action, before);
    if (decision === undefined || errnoOf(decision.outcome) === result) return undefined;
    return `the machine ends in ${decision.outcome} (${decision.path.at(-1)}), the call returned ${result}`;
  },
});
