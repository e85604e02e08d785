import {
  nestedStateRules,
  type Rules,
  svmNestedAfter,
  vmxNestedAfter,
} from '../../model/kvm/nested-state/index.ts';

/** What a call meets: the checks in their order, and what it leaves of the vCPU. */
export interface NestedStateRules extends Rules {
  readonly vmxAfter: typeof vmxNestedAfter;
  readonly svmAfter: typeof svmNestedAfter;
}

/** The rules of today's kernel. */
export const specified: NestedStateRules = {
  ...nestedStateRules.newest,
  vmxAfter: vmxNestedAfter,
  svmAfter: svmNestedAfter,
};
