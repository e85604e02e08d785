import { operationNames, PAGE_SIZE } from '../model/pkvm/index.ts';
import type { Implementation } from '../oracle/implementations/index.ts';
import {
  type Candidates,
  candidatesOf,
  type Machine,
  type NamedCall,
  perform,
  ruleNamed,
  singly,
  wordsOf,
} from '../oracle/step/index.ts';
import type { Suite, SuiteLeaf, SuiteStep } from './suite.ts';

const maxLeaves = 4096;

/** The leaves that calls name. */
function namedLeaves(calls: readonly NamedCall[], start: Candidates): readonly SuiteLeaf[] {
  const leaves = new Map<string, SuiteLeaf>();
  const add = (table: 'host' | number, address: bigint): void => {
    const [initial] = wordsOf(start, table, address);
    if (typeof initial === 'bigint' && leaves.size < maxLeaves)
      leaves.set(`${table} ${address}`, { table, address, initial });
  };
  for (const { args } of calls) {
    const pages = Math.min(maxLeaves, Number(args.size / PAGE_SIZE));
    for (let i = 0n; i < BigInt(pages); i++) {
      if (args.hpa !== undefined) add('host', args.hpa - (args.hpa % PAGE_SIZE) + i * PAGE_SIZE);
      if (args.gpa !== undefined && args.vm !== undefined)
        add(args.vm, args.gpa - (args.gpa % PAGE_SIZE) + i * PAGE_SIZE);
    }
  }
  return [...leaves.values()];
}

/** One test from a list of calls: what each must return and change. `undefined` where that is not known. */
export function suiteOfCalls(
  machine: Machine,
  implementation: Implementation,
  calls: readonly NamedCall[],
): Suite | undefined {
  let candidates = candidatesOf({ ...machine, initially: 'host owns all RAM' }, implementation);
  const leaves = namedLeaves(calls, candidates);
  const place = new Map(leaves.map(({ table, address }, at) => [`${table} ${address}`, at]));
  const steps: SuiteStep[] = [];
  for (const call of calls) {
    const done = perform(candidates, call);
    if (done === undefined) return undefined;
    candidates = done.candidates;
    const changes = done.outcome.writes.flatMap(singly).flatMap(({ table, address, after }) => {
      const leaf = place.get(`${table} ${address}`);
      return leaf === undefined ? [] : [{ leaf, after }];
    });
    const { ret, rule } = done.outcome;
    steps.push({ ...call, tablePages: 'available', ret, rule, changes });
  }
  const refusals = steps.filter(({ ret }) => ret !== 0).length;
  return {
    system: 'ownership',
    profile: implementation.name,
    operations: operationNames,
    ruleOf: ruleNamed,
    ram: machine.ram === 'any' ? [] : machine.ram,
    vms:
      machine.vms === 'any'
        ? []
        : machine.vms.map(({ id, kind }) => ({ id, kind: kind === 'unknown' ? 'unspecified' : kind })),
    leaves,
    tests: [{ key: 'ownership/calls/0000', steps }],
    guarantee: {
      cover: 'calls',
      covered: steps.length,
      of: steps.length,
      states: 0,
      steps: steps.length,
      refusals,
      sentence: `the ${steps.length} calls that were given, with the result and every one of ${leaves.length} leaf words after each`,
    },
  };
}
