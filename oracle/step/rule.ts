import { argumentChecks, leafChecks, type OperationName, operations } from '../../model/pkvm/index.ts';
import { both, design, facts, ours, sdm, seed, type Source } from '../../model/citation.ts';

/** A rule as an engineer argues with it: its name, the sentence, where it comes from. */
export interface Rule {
  readonly name: string;
  readonly says: string;
  readonly source: Source;
}

const ownRules: readonly Rule[] = [
  {
    name: 'complete',
    says: 'every check holds, so the call goes through and returns 0',
    source: seed('004', 'this patch set support page state APIs'),
  },
  {
    name: 'observe.leaf',
    says: 'a leaf holds the word that the calls so far have given it',
    source: design('Ownership', 'a call that returns non-zero has changed no word'),
  },
  {
    name: 'access.permission',
    says: 'an access goes through exactly where the leaf is present and grants it',
    source: sdm('EPT Violations'),
  },
  {
    name: 'walk',
    says: 'an access ends as the walk of the EPT and the SPPT ends',
    source: both(sdm('The Extended Page Table Mechanism (EPT)'), seed('001', 'Walk SPP L4E table')),
  },
  {
    name: 'nested_state',
    says: 'KVM_SET_NESTED_STATE returns what its checks, in the order of the kernel, return',
    source: facts.nestedState('6'),
  },
  {
    name: 'violation.host.ram',
    says: 'a host access to RAM that it does not map is refused, never mapped',
    source: facts.oracle('6', 'host EPT violation: memory address -> -EPERM'),
  },
  {
    name: 'violation.host.mmio',
    says: 'a host access to memory that is not RAM is mapped, or was mapped meanwhile',
    source: facts.oracle('6', 'MMIO: already mapped -> -EAGAIN, else map'),
  },
  {
    name: 'violation.spurious',
    says: 'an EPT violation happens only where the leaf does not grant the access',
    source: sdm('EPT Violations'),
  },
  {
    name: 'violation.qualification',
    says: 'bit 8 of the qualification of an EPT violation is 0 where bit 7 is 0',
    source: sdm('Exit Qualification for EPT Violations'),
  },
  {
    name: 'violation.denied',
    says: 'bits 5:3 of the qualification lack a right that bits 2:0 ask for',
    source: sdm('Exit Qualification for EPT Violations'),
  },
  {
    name: 'kvm.pairing',
    says: 'error_code of kvm_page_fault is the exit qualification of the EPT violation before it',
    source: facts.oracle('4.2', 'error_code is the raw EPT-violation exit qualification'),
  },
  {
    name: 'kvm.scope',
    says: 'a page fault of KVM is an EPT violation where an exit for one stands before it',
    source: facts.oracle('4.2', 'error_code is the raw EPT-violation exit qualification'),
  },
  {
    name: 'kvm.spte',
    says: 'a leaf changes only by what the log tells',
    source: facts.oracle('4.2', 'enough to rebuild an EPT'),
  },
  {
    name: 'spp.subpage',
    says: 'a write to a sub-page that its vector makes writable goes through',
    source: seed('001', 'if sub-page writable'),
  },
  {
    name: 'spp.exit',
    says: 'an exit 66 is an SPP miss: no entry of the table has a reserved bit set',
    source: seed('001', 'New exit qualification for SPPT-induced vmexits'),
  },
  {
    name: 'limit.call_pages',
    says: 'a call names at most 262144 pages, or is refused for one of the first of them',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'limit.encoding',
    says: 'a leaf holds a physical address of 52 bits or an owner id of 20',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'limit.candidates',
    says: 'at most 256 possible states are followed at a time',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'limit.leaf_words',
    says: 'at most 8388608 leaf words that differ from the beginning are followed, a large leaf as one',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'limit.orders',
    says: 'the orders of calls that overlap are tried in at most 4096 steps',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'limit.log_pages',
    says: 'what a log says of at most 262144 guest pages is held',
    source: ours('a limit of this oracle'),
  },
  {
    name: 'gap',
    says: 'events are missing here, so nothing is known of the leaves',
    source: facts.oracle('4.1', 'LOST m EVENTS…lines must set an…observation gap…marker'),
  },
];

const rules: ReadonlyMap<string, Rule> = new Map(
  [
    ...ownRules,
    ...[...argumentChecks, ...leafChecks].map(({ name, rule, source }) => ({ name, says: rule, source })),
  ].map(rule => [rule.name, rule]),
);

/**
 * The rule of this name.
 *
 * @throws RangeError for a name that no rule has.
 */
export function ruleNamed(name: string): Rule {
  const rule = rules.get(name);
  if (rule === undefined) throw new RangeError(`no rule is called ${name}`);
  return rule;
}

/** Every rule that a verdict can name, once. */
export const everyRule = (): readonly Rule[] => [...rules.values()];

/** Every rule by which a call of this operation can end, `complete` first: what coverage counts. */
export function rulesOf(name: OperationName): readonly string[] {
  const operation = operations[name];
  const { request, acknowledge } = operation.transition;
  const ofArguments = argumentChecks.filter(check => check.appliesTo(operation));
  return ['complete', ...[...ofArguments, ...request, ...acknowledge].map(check => check.name)];
}
