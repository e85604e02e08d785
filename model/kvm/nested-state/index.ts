export {
  Format,
  KvmNestedState,
  KvmNestedState2019,
  KvmSvmNestedStateHdr,
  KvmVmxNestedState2019,
  KvmVmxNestedStateHdr,
  noAddress,
  pageOfData,
  Vmcs12,
  vmcs12Revision,
} from './abi.ts';
export { decodeNestedState, encodeNestedState, type NestedState, type NestedStateInput } from './buffer.ts';
export {
  type Dialect,
  dialects,
  type SvmVcpu,
  svmVcpu,
  type Vcpu,
  type VmxVcpu,
  vmxVcpu,
} from './dialect.ts';
export {
  PrimaryControls,
  SecondaryControls,
  SmmFlags,
  StateFlags,
  StateFlags2019,
  StateFlagsSvm,
  StateFlagsWithoutVmxon,
  Vmcs12Header,
  VmxFlags,
} from './flags.ts';
export { nestedStateHistory } from './history.ts';
export { type Call, isDefined, isPageAddress, type Rule } from './rule.ts';
export { vmcbBytesRead } from './svm-rules.ts';
export { type SvmNested, svmGetNestedState, svmNestedAfter, svmOff } from './svm-nested.ts';
export {
  callOf,
  judge,
  type NestedStateVerdict,
  nestedStateRules,
  type Rules,
  validate,
  withoutRule,
} from './validate.ts';
export { vmcs12Data, type VmxNested, vmxGetNestedState, vmxNestedAfter, vmxOff } from './vmx-nested.ts';
