import {
  call,
  type CallOutcome,
  type LeafWrite,
  type OperationName,
  operations,
  OwnerId,
  PAGE_SIZE,
  type PkvmTables,
  type Vm,
} from '../../model/pkvm/index.ts';
import { physicalLimit } from '../../model/memory/index.ts';
import type { Alternative, Candidates } from './candidates.ts';
import type { Focus } from './focus.ts';
import { ramOf, type Table, vmsOf } from './machine.ts';
import type { NamedCall } from './named-call.ts';
import { enablingWords, isTooLong, type PageRun, PagesOfRuns, RunsOfCall } from './pages-of-call.ts';
import type { Need, RunWrite } from './verdict.ts';

/** What a call does in one possible state. */
export interface CandidateOutcome extends Omit<CallOutcome, 'writes' | 'wipes'> {
  readonly writes: readonly RunWrite[];
  /** Not empty: some word that decides is unknown, and this is what the call does where it is as it must be. */
  readonly needs: readonly Need[];
  /** The guest's gpas of which nobody knows what page they map, and the call succeeds on them. */
  readonly somePages: readonly { readonly gpa: bigint; readonly pages: number }[];
  /** The limit that keeps the call from being decided. */
  readonly limit?: 'limit.call_pages' | 'limit.encoding';
}

/** How a call is looked at: what is taken of the guest's kind and of the pool of table pages. */
export interface Circumstances {
  readonly kind: Vm['kind'];
  readonly tablePages: PkvmTables['tablePages'];
}

/** Runs the call on the words of one possible state. */
export function outcomeIn(
  focus: Focus,
  from: Alternative,
  named: NamedCall,
  circumstances: Circumstances,
): CandidateOutcome {
  return focus.candidates.faults.size === 0
    ? specifiedOutcome(focus, from, named, circumstances)
    : faultyOutcome(focus, from, named, circumstances);
}

const tablesFor = (
  { machine }: Candidates,
  { args }: NamedCall,
  { kind, tablePages }: Circumstances,
): Pick<PkvmTables, 'ram' | 'vms' | 'tablePages'> => ({
  ram: ramOf(machine),
  // no call asks for the kind of any guest but the one that it names
  vms: vmsOf(machine, args.vm).map(({ id }) => ({ id, kind: id === args.vm ? kind : 'unspecified' })),
  tablePages,
});

const neverAsked = (): never => {
  throw new Error('the pages of the call have their leaves with them');
};

/**
 * As the specification does it, one page for each run of pages whose leaves are of one kind: every check says the same
 * of all of them.
 */
function specifiedOutcome(
  focus: Focus,
  from: Alternative,
  named: NamedCall,
  circumstances: Circumstances,
): CandidateOutcome {
  const runs = new RunsOfCall(focus, from, named);
  const { ram, vms, tablePages } = tablesFor(focus.candidates, named, circumstances);
  const tables: PkvmTables = { ram, vms, tablePages, host: neverAsked, guest: neverAsked };
  const { result, rule, why, writes } = call(
    tables,
    named.name,
    named.args,
    focus.candidates.rules,
    new PagesOfRuns(runs),
  );
  const outcome: CandidateOutcome = {
    result,
    rule,
    why,
    needs: runs.needs,
    writes: writes.length === 0 ? [] : writesOfRuns(writes, [...runs]),
    somePages: result === 0 ? somePagesOf(runs) : [],
  };
  return isTooLong(named.args.size) && isOpen(named.name, rule)
    ? { ...outcome, limit: 'limit.call_pages' }
    : outcome;
}

/** Each write with the run that its page stands for. The writes of the initiator come first, then the completer's. */
const writesOfRuns = (writes: readonly LeafWrite[], runs: readonly PageRun[]): readonly RunWrite[] =>
  writes.flatMap(({ table, address, before, after }, at): RunWrite[] => {
    const run = runs[at % runs.length];
    return run === undefined || run.isSomePage ? [] : [{ table, address, before, after, pages: run.pages }];
  });

const somePagesOf = (runs: Iterable<PageRun>): CandidateOutcome['somePages'] =>
  [...runs].flatMap(({ isSomePage, page: { gpa }, pages }) => (isSomePage ? [{ gpa, pages }] : []));

/** The pages that were not looked at may fail the initiator's checks, which come before these. */
const isOpen = (name: OperationName, rule: string): boolean =>
  rule === 'complete' ||
  rule === 'arguments.table_pages' ||
  operations[name].transition.acknowledge.some(check => check.name === rule);

const singly = (writes: readonly LeafWrite[]): readonly RunWrite[] =>
  writes.map(write => ({ ...write, pages: 1 }));

/** More pages than this are not looked at one by one. */
const maxSinglePages = 65_536n;

/** As an implementation with faults does it, every page on its own. */
function faultyOutcome(
  focus: Focus,
  from: Alternative,
  named: NamedCall,
  circumstances: Circumstances,
): CandidateOutcome {
  const { candidates } = focus;
  const { args } = named;
  const limit = limitOfFaulty(named);
  if (limit !== undefined)
    return { result: 0, rule: 'complete', why: '', writes: [], needs: [], somePages: [], limit };
  const needs = new Map<string, Need>();
  const read = (table: Table, address: bigint): bigint => {
    const word = focus.word(from, table, address);
    if (word !== 'unknown') return word;
    needs.set(`${table} ${address}`, { table, address });
    const isHost = table === 'host';
    const hpa = isHost ? address : (args.hpa ?? 0n) + address - (args.gpa ?? 0n);
    const place = { hpa, gpa: address, vm: args.vm ?? 0 };
    const words = enablingWords(named, place, { host: 'unknown', guest: 'unknown' });
    return isHost ? words.host : words.guest;
  };
  const tables: PkvmTables = {
    ...tablesFor(candidates, named, circumstances),
    host: hpa => read('host', hpa),
    guest: (vm, gpa) => read(vm, gpa),
  };
  const { writes, ...outcome } = call(tables, named.name, args, candidates.rules);
  const isGuestCall = operations[named.name].names === 'gpa';
  const unknownGpas = [...needs.values()].filter(({ table }) => isGuestCall && table === args.vm);
  return {
    ...outcome,
    needs: [...needs.values()],
    writes: singly(unknownGpas.length > 0 ? [] : writes),
    somePages: outcome.result === 0 ? unknownGpas.map(({ address }) => ({ gpa: address, pages: 1 })) : [],
  };
}

/** Where such arguments are let through: an address or an owner id that no leaf can hold, or too many pages. */
function limitOfFaulty({ args }: NamedCall): CandidateOutcome['limit'] {
  const { hpa = 0n, size, vm = 0 } = args;
  if (hpa + size + 2n * PAGE_SIZE > physicalLimit || vm > OwnerId.last) return 'limit.encoding';
  return size / PAGE_SIZE > maxSinglePages ? 'limit.call_pages' : undefined;
}
