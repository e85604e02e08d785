import type { Action, Read, Twin } from '../../checker/index.ts';
import type { Decision } from '../../machines/nested-state/index.ts';
import { failure } from '../../model/kvm/errno.ts';

/** What the ioctl returns in each final state of the machines. */
const errnos: ReadonlyMap<string, number> = new Map([
  ['accepted', 0],
  ['EINVAL', failure('EINVAL')],
  ['EFAULT', failure('EFAULT')],
  ['ENOMEM', failure('ENOMEM')],
]);

/** The machine beside the checks: what it answers to each call must be what the call returned. */
export const errnoTwin = (decide: (action: Action, read: Read) => Decision | undefined): Twin => ({
  name: 'the decision of KVM_SET_NESTED_STATE',
  disagrees: ({ action, before, result }) => {
    const decision = decide(action, before);
    if (decision === undefined || errnos.get(decision.outcome) === result) return undefined;
    return `the machine ends in ${decision.outcome} (${decision.path.at(-1)}), the call returned ${result}`;
  },
});
