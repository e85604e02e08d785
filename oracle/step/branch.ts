import { Errno, operations, type Vm } from '../../model/pkvm/index.ts';
import type { Successor } from './advance.ts';
import { type CandidateOutcome, type Circumstances, outcomeIn } from './call-outcomes.ts';
import type { Alternative } from './candidates.ts';
import type { Focus } from './focus.ts';
import type { LeafRun } from './word.ts';
import { pageAt } from './machine.ts';
import type { NamedCall } from './named-call.ts';
import { ruleNamed } from './rule.ts';
import type { AllowedOutcome, Need } from './verdict.ts';

/** One thing that a call may do in one possible state. */
export interface Branch {
  readonly outcome: Pick<CandidateOutcome, 'result' | 'rule' | 'why' | 'writes' | 'needs' | 'limit'>;
  readonly isLoose: boolean;
  /** The state that it leads to. */
  readonly to: Successor;
}

type TablePages = Circumstances['tablePages'];

/** What the call does when every table page can be had: one branch a possible state, or more where a leaf is unknown. */
export const strictBranches = (focus: Focus, named: NamedCall): readonly Branch[] =>
  focus.each.flatMap(from =>
    outcomesIn(focus, from, named, 'available').flatMap(one => branchesOf(named, from, one)),
  );

interface KindedOutcome {
  readonly outcome: CandidateOutcome;
  /** What kind the guest then is, where it makes a difference. */
  readonly kind?: Successor['kind'];
}

/** What a call does in one possible state: of a guest whose kind nobody knows, what it does to one of either kind. */
function outcomesIn(
  focus: Focus,
  from: Alternative,
  named: NamedCall,
  tablePages: TablePages,
): readonly KindedOutcome[] {
  const { vm } = named.args;
  const asking = (kind: Vm['kind']): CandidateOutcome =>
    outcomeIn(focus, from, named, { kind, tablePages });
  const isAsked = operations[named.name].needs !== undefined && vm !== undefined;
  const known = isAsked ? focus.kind(from, vm) : 'unspecified';
  if (!isAsked || known !== 'unknown')
    return [{ outcome: asking(known === 'unknown' ? 'unspecified' : known) }];
  const [asProtected, asNormal] = [asking('protected'), asking('normal')];
  if (asProtected.result === asNormal.result) return [{ outcome: asProtected }];
  return [
    { outcome: asProtected, kind: { vm, kind: 'protected' } },
    { outcome: asNormal, kind: { vm, kind: 'normal' } },
  ];
}

/** The branches of one outcome. A leaf that nobody knows lets the call go through or refuses it. */
function branchesOf(
  named: NamedCall,
  from: Alternative,
  { outcome, kind }: KindedOutcome,
): readonly Branch[] {
  const to: Successor = { from, writes: [], ...(kind === undefined ? {} : { kind }) };
  const asItIs: Branch = { outcome, isLoose: false, to: done(named, to, outcome) };
  if (outcome.needs.length === 0) return [asItIs];
  const refused = refusals(named).map((refusal): Branch => ({
    outcome: { ...refusal, needs: outcome.needs },
    isLoose: false,
    to,
  }));
  // where the known leaves forbid it already, the unknown ones only decide which check says so
  if (outcome.result < 0) return refused;
  const why = 'if the leaves that are not known allow it';
  return [{ ...asItIs, outcome: { ...outcome, why } }, ...refused];
}

/** The state after a call that went through, or half-way through. */
function done(
  { args: { vm } }: NamedCall,
  to: Successor,
  { writes, somePages }: CandidateOutcome,
): Successor {
  const runs = writes.map(({ table, address, pages, after }): LeafRun => ({
    table,
    address,
    pages,
    word: after,
  }));
  if (somePages.length === 0 || vm === undefined) return { ...to, writes: runs };
  const unknown = somePages.map(({ gpa, pages }): LeafRun => ({
    table: vm,
    address: gpa,
    pages,
    word: 'unknown',
  }));
  return { ...to, writes: [...runs, ...unknown], changedSomePageOf: vm };
}

/** The ways in which a call whose arguments are in order can be refused for what a leaf holds. */
function refusals({ name }: NamedCall): readonly Omit<Branch['outcome'], 'needs'>[] {
  const { transition } = operations[name];
  const results = new Map(
    [...transition.request, ...transition.acknowledge].map(check => [check.errno, check]),
  );
  const why = 'if a leaf that is not known forbids it';
  return [...results.values()].map(({ errno, name: rule }) => ({ result: errno, rule, why, writes: [] }));
}

/** What the call does when a table page cannot be had, where the implementation says that this may be. */
export function looseBranches(focus: Focus, named: NamedCall): readonly Branch[] {
  const { implementation, faults } = focus.candidates;
  if (implementation.pkvm.enomem === 'never' && !faults.has('late_enomem')) return [];
  return focus.each.flatMap(from =>
    outcomesIn(focus, from, named, 'exhausted').flatMap(({ outcome, kind }): Branch[] => {
      const isFailure = outcome.result === Errno.ENOMEM || outcome.result === 1;
      const to: Successor = { from, writes: [], ...(kind === undefined ? {} : { kind }) };
      return isFailure ? [{ outcome, isLoose: true, to: done(named, to, outcome) }] : [];
    }),
  );
}

/** The refusals for what nobody said of the machine: what is RAM, and which guests there are. */
export function unsaidBranches(focus: Focus, { name, args }: NamedCall): readonly Branch[] {
  const { ram, vms } = focus.candidates.machine;
  const { names, ramOnly } = operations[name];
  const { hpa, vm } = args;
  const refusal = (rule: string, why: string, needs: readonly Need[]): Branch[] =>
    focus.each.map(from => ({
      outcome: { result: Errno.EINVAL, rule, why, needs, writes: [] },
      isLoose: false,
      to: { from, writes: [] },
    }));
  return [
    ...(ram === 'any' && ramOnly && hpa !== undefined
      ? refusal('arguments.ram', 'nobody said what is RAM', [{ table: 'host', address: pageAt(hpa) }])
      : []),
    ...(vms === 'any' && names !== 'hpa' && vm !== undefined
      ? refusal('arguments.vm', 'nobody said which guests there are', [
          { table: vm, address: args.gpa ?? 0n },
        ])
      : []),
  ];
}

/** A branch as a person is told of it. */
export function allowedOutcome({ outcome, isLoose }: Branch): AllowedOutcome {
  const { result, rule, why, writes } = outcome;
  const { says, source } = ruleNamed(rule);
  return { ret: result, rule, says, source, why, isLoose, writes };
}
