import { KvmNestedState } from './abi.ts';
import { decodeNestedState } from './buffer.ts';
import { commonRules, commonRules2019 } from './common-rules.ts';
import type { Dialect, SvmVcpu, Vcpu, VmxVcpu } from './dialect.ts';
import { refusalText } from './found.ts';
import type { Call, Rule } from './rule.ts';
import { noSvm2019, svmRules } from './svm-rules.ts';
import { vmxRules, vmxRules2019 } from './vmx-rules.ts';
import type { Source } from '../../citation.ts';

/** What the ioctl returns, and the check that ended the call: the one that refused, or the point that accepted. */
export interface NestedStateVerdict {
  /** 0 or a negative errno. */
  readonly errno: number;
  readonly rule: string;
  /** The check as a sentence: what it demands, or when it accepts. */
  readonly about: string;
  /** Why, for a person: of a refusal what was found. */
  readonly why: string;
  readonly source: Source;
}

/** The checks that a call meets, in the kernel's order. */
export interface Rules {
  readonly vmx: readonly Rule<VmxVcpu>[];
  readonly svm: readonly Rule<SvmVcpu>[];
}

/** The checks of each revision. The last one accepts every call that comes so far. */
export const nestedStateRules: Readonly<Record<Dialect, Rules>> = {
  '2019': { vmx: [...commonRules2019, ...vmxRules2019], svm: [noSvm2019] },
  newest: { vmx: [...commonRules, ...vmxRules], svm: [...commonRules, ...svmRules] },
};

/**
 * The same with one check left out: what a kernel without it would answer.
 *
 * @throws RangeError when there is no such check.
 */
export function withoutRule(rules: Rules, name: string): Rules {
  const left = {
    vmx: rules.vmx.filter(rule => rule.name !== name),
    svm: rules.svm.filter(rule => rule.name !== name),
  };
  if (left.vmx.length === rules.vmx.length && left.svm.length === rules.svm.length)
    throw new RangeError(`KVM_SET_NESTED_STATE has no check ${name}`);
  return left;
}

/** The first check that ends a call already read. */
export function judge<V extends Vcpu>(rules: readonly Rule<V>[], call: Call<V>): NestedStateVerdict {
  const rule = rules.find(candidate => candidate.applies(call));
  if (rule === undefined) throw new Error('the last check of KVM_SET_NESTED_STATE applies to every call');
  const { errno, name, about, source } = rule;
  const why = errno === 0 ? about : refusalText(about, call);
  return { errno, rule: name, about, why, source };
}

/** What a call says. A header that the memory does not hold in full reads as zeros, for checks that come before it. */
export function callOf<V extends Vcpu>(memory: Uint8Array | null, vcpu: V, dialect: Dialect): Call<V> {
  const bytes = memory ?? new Uint8Array();
  const header = new Uint8Array(Math.max(bytes.length, KvmNestedState.size));
  header.set(bytes);
  return { memory: bytes, state: decodeNestedState(header, dialect), vcpu };
}

/**
 * What `KVM_SET_NESTED_STATE` returns for the caller's memory at the pointer it passed (`null` for NULL; the memory
 * ends where the buffer ends): 0 or the negative errno, with the check that decided, in the order of the kernel.
 */
export function validate(
  memory: Uint8Array | null,
  vcpu: Vcpu,
  dialect: Dialect,
  rules: Rules = nestedStateRules[dialect],
): NestedStateVerdict {
  return vcpu.vendor === 'vmx'
    ? judge(rules.vmx, callOf(memory, vcpu, dialect))
    : judge(rules.svm, callOf(memory, vcpu, dialect));
}
