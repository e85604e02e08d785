import { facts } from '../../model/citation.ts';
import {
  type Call,
  type CheckInfo,
  type CountedOperationName,
  countedOperations,
  type Operation,
  type Step,
} from '../../model/pkvm/counted/index.ts';
import type { CountedRule } from './verdict.ts';

/** Every check of an operation that a call asks, in order. */
export function checksOf(name: CountedOperationName, call: Call): readonly CheckInfo[] {
  const operation: Operation = countedOperations[name];
  const inquiries = [
    ...(operation.early?.asks ?? []),
    ...operation.inquiries(call),
    ...(operation.unitInquiries?.(call) ?? []),
  ];
  return inquiries.flatMap(({ checks }) => checks);
}

function stepsOf(name: CountedOperationName, call: Call): readonly Step[] {
  const operation: Operation = countedOperations[name];
  return [...(operation.early?.does ?? []), ...operation.steps(call), ...(operation.last ?? [])];
}

const flushRule: CountedRule = {
  name: 'flush',
  says: 'one flush a walk, over all that was walked, if a present leaf changed in more than its state',
  source: facts.pkvm2026('1.2', 'R6'),
};
const tablesRule: CountedRule = {
  name: 'tables',
  says: 'tables are made of pages of the pool first and of the memcache then, and go back to the pool',
  source: facts.pkvm2026('1.2', 'R7'),
};
const needRule: CountedRule = {
  name: 'memcache.pages',
  says: 'the number of pages that is asked for follows from the number of pages of the call',
  source: facts.pkvm2026('1.2', 'R8'),
};
const unnamedRule: CountedRule = {
  name: 'unchanged',
  says: 'what a call does not name stays as it is, and a refused call changes nothing',
  source: facts.pkvm2026('4', 'J9'),
};

/** The part of the state that a step changes, by the first word of its name. */
const partOf = (at: string): string =>
  at.startsWith('record')
    ? 'record.'
    : at.startsWith('guest')
      ? 'guest.'
      : at.startsWith('wipe')
        ? 'memory.'
        : 'host.';

/** The rule that a difference is a difference from. */
export function ruleAt(
  at: string,
  name: CountedOperationName,
  decided: { readonly rule: string },
  call: Call,
): CountedRule {
  const { about, source } = countedOperations[name];
  const decidedBy = checksOf(name, call).find(known => known.name === decided.rule);
  if (at === 'ret' || at === 'warn' || at === 'bug_in') {
    return decidedBy === undefined
      ? { name: decided.rule, says: about, source }
      : { name: decidedBy.name, says: decidedBy.rule, source: decidedBy.source };
  }
  if (at === 'need_mc') return needRule;
  if (decidedBy !== undefined) return unnamedRule;
  if (at.startsWith('flush')) return flushRule;
  if (at.startsWith('memory')) return tablesRule;
  const steps = stepsOf(name, call).filter(step => step.name.startsWith(partOf(at)));
  if (decided.rule !== 'complete' || steps.length === 0) return unnamedRule;
  return {
    name: steps.map(step => step.name).join(', '),
    says: steps.map(step => step.about).join('; '),
    source,
  };
}
