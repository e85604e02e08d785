import { facts } from '../../model/citation.ts';
import {
  type Arm64Call,
  type Arm64Operation,
  type Arm64OperationName,
  arm64Operations,
} from '../../model/pkvm/counted/arm64/index.ts';
import type { CheckInfo } from '../../model/pkvm/counted/index.ts';
import type { CountedRule } from './verdict.ts';

export function arm64ChecksOf(name: Arm64OperationName, call: Arm64Call): readonly CheckInfo[] {
  const operation: Arm64Operation = arm64Operations[name];
  return operation.inquiries(call).flatMap(({ checks }) => checks);
}

const unchanged: CountedRule = {
  name: 'unchanged',
  says: 'a call that is refused changes nothing',
  source: facts.arm64Record('1', 'No refused call changed anything'),
};
const tables: CountedRule = {
  name: 'tables',
  says: 'a map makes the tables that are missing and takes pages for them; tables that become empty are freed',
  source: facts.arm64Record('3', 'emptied tables freed to the VM pool'),
};

/** The part of the state that a step changes, by the first word of its name. */
const parts = ['record', 'host', 'guest', 'el2', 'wipe'] as const;
const stepsOf = {
  record: 'record.',
  host: 'host.',
  guest: 'guest.',
  el2: 'el2.',
  wipe: 'memory.',
} as const;

/** The rule that a difference is a difference from. */
export function arm64RuleAt(
  at: string,
  name: Arm64OperationName,
  decided: { readonly rule: string },
  call: Arm64Call,
): CountedRule {
  const { about, source, steps } = arm64Operations[name];
  const check = arm64ChecksOf(name, call).find(known => known.name === decided.rule);
  if (at === 'ret')
    return check === undefined
      ? { name: decided.rule, says: about, source }
      : { name: check.name, says: check.rule, source: check.source };
  if (check !== undefined) return unchanged;
  const part = parts.find(word => at.startsWith(word));
  if (part === undefined) return tables;
  const made = steps(call).filter(step => step.name.startsWith(stepsOf[part]));
  if (made.length === 0) return unchanged;
  return {
    name: made.map(step => step.name).join(', '),
    says: made.map(step => step.about).join('; '),
    source,
  };
}
