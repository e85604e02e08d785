import { type Action, enumerate, type StateGraph } from '../checker/index.ts';
import type { OperationName, Prot } from '../model/pkvm/index.ts';
import { Errno, operationNames } from '../model/pkvm/index.ts';
import { ownership } from '../systems/ownership/index.ts';
import { type OwnershipWorld, ownershipWorld } from '../systems/ownership/slots.ts';
import { rangesOfPages } from '../systems/pages/places.ts';
import type { Parameters } from '../systems/index.ts';
import { normative } from '../oracle/implementations/index.ts';
import { type Candidates, candidatesOf, type NamedCall, perform, ruleNamed } from '../oracle/step/index.ts';
import type { Cover, Guarantee, Suite, SuiteLeaf, SuiteStep, SuiteTest } from './suite.ts';
import { coverNames, maxSuiteStates, toursOfCover } from './cover.ts';

/**
 * A suite for the page-state API from the proven model of this size.
 *
 * @throws RangeError for a size that makes no sense or has more than `maxSuiteStates` states.
 */
export function ownershipSuite(profile: string, parameters: Parameters, cover: Cover): Suite {
  const world = ownershipWorld(ownership.sizeOf(parameters));
  const graph = enumerate(ownership.build(parameters), maxSuiteStates);
  const { walks, wanted, covered } = toursOfCover(graph, cover, result => result !== 0);
  const leaves = leavesOf(world);
  const tests = walks.map((walk, at): SuiteTest => ({
    key: `ownership/${profile}/${cover}/${String(at).padStart(4, '0')}`,
    steps: stepsOf(world, graph, walk),
  }));
  const steps = tests.flatMap(test => test.steps);
  const refusals = steps.filter(({ ret }) => ret !== 0).length;
  const guarantee: Guarantee = {
    cover,
    covered,
    of: wanted,
    states: graph.states.length,
    steps: steps.length,
    refusals,
    sentence: `${covered} of ${wanted} ${coverNames[cover]} of ${graph.states.length} states, in ${steps.length} steps and ${tests.length} test${tests.length === 1 ? '' : 's'}; after every call its result and every one of ${leaves.length} leaf words are checked, and ${refusals} refused calls must leave all of them as they were`,
  };
  const ram = rangesOfPages(world.pages);
  return {
    system: 'ownership',
    profile,
    operations: operationNames,
    ruleOf: ruleNamed,
    ram,
    vms: world.vms,
    leaves,
    tests,
    guarantee,
  };
}

const leavesOf = ({ host, guest }: OwnershipWorld): readonly SuiteLeaf[] => [
  ...host.map(({ page, slot }) => ({ table: 'host' as const, address: page, initial: slot.initial })),
  ...guest.map(({ vm, gpa, slot }) => ({ table: vm, address: gpa, initial: slot.initial })),
];

/** The steps of a walk. Each is done again by the oracle, which must come to the same result: double entry. */
function stepsOf(world: OwnershipWorld, graph: StateGraph, walk: readonly number[]): readonly SuiteStep[] {
  const ram = rangesOfPages(world.pages);
  let candidates = candidatesOf({ ram, vms: world.vms, initially: 'host owns all RAM' }, normative);
  return walk.map(at => {
    const edge = graph.edges[at];
    if (edge === undefined) throw new RangeError(`no transition ${at}`);
    const before = graph.states[edge.from] ?? [];
    const changes = (graph.states[edge.to] ?? []).flatMap((after, leaf) =>
      after === before[leaf] ? [] : [{ leaf, after: after as bigint }],
    );
    const call = callOf(edge.action);
    const ret = Number(edge.result);
    const again = decide(candidates, call, ret);
    candidates = again.candidates;
    return { ...call, ret, rule: again.rule, changes };
  });
}

function decide(
  candidates: Candidates,
  call: NamedCall & Pick<SuiteStep, 'tablePages'>,
  ret: number,
): { readonly rule: string; readonly candidates: Candidates } {
  if (call.tablePages === 'exhausted' && ret === Errno.ENOMEM)
    return { rule: 'arguments.table_pages', candidates };
  const done = perform(candidates, call);
  if (done?.outcome.ret !== ret)
    throw new Error(`the model says ${ret} to ${call.name}, the oracle ${done?.outcome.ret}`);
  return { rule: done.outcome.rule, candidates: done.candidates };
}

const isOperation = (name: string): name is OperationName => operationNames.some(known => known === name);

function callOf({ name, args }: Action): NamedCall & Pick<SuiteStep, 'tablePages'> {
  if (!isOperation(name)) throw new RangeError(`${name} is no call of the page-state API`);
  const word = (key: string): Record<string, bigint> =>
    typeof args[key] === 'bigint' ? { [key]: args[key] } : {};
  const { vm, prot, size } = args;
  return {
    name,
    args: {
      ...word('hpa'),
      ...word('gpa'),
      size: typeof size === 'bigint' ? size : 0n,
      ...(typeof vm === 'number' ? { vm } : {}),
      ...(typeof prot === 'string' ? { prot: protOf(prot) } : {}),
    },
    tablePages: args.tablePages === 'exhausted' ? 'exhausted' : 'available',
  };
}

const protOf = (text: string): Prot => ({
  read: text.includes('r'),
  write: text.includes('w'),
  execute: text.includes('x'),
});
