import {
  annotation,
  call,
  type CallArguments,
  type CallOutcome,
  firstOutsideRam,
  guestLeaf,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  operations,
  OwnerId,
  PAGE_SIZE,
  PageState,
  type PkvmTables,
  PROT_RWX,
} from '../../model/pkvm/index.ts';
import { type Candidate, type Candidates, wordIn } from './candidates.ts';
import type { Word } from './leaf-words.ts';
import { physicalLimit } from '../../model/memory/index.ts';
import { ramOf, type Table, vmsOf } from './machine.ts';
import type { Need } from './verdict.ts';

/** At most so many pages in one call: 1 GByte. */
const maxCallPages = 262_144n;

export interface NamedCall {
  readonly name: OperationName;
  readonly args: CallArguments;
}

/**
 * What a call does in one candidate. With `needs` some word that decides is unknown: then `outcome` is what the call
 * does *if* it succeeds.
 */
export interface CandidateOutcome {
  readonly outcome: CallOutcome;
  readonly needs: readonly Need[];
}

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** The states in which each operation succeeds: host leaf, guest leaf. facts/pkvm.md 3. */
const enabling: Record<OperationName, readonly [host: PageState, guest: PageState]> = {
  host_donate_hyp: [PKVM_PAGE_OWNED, PKVM_NOPAGE],
  hyp_donate_host: [PKVM_NOPAGE, PKVM_NOPAGE],
  host_share_guest: [PKVM_PAGE_OWNED, PKVM_NOPAGE],
  host_unshare_guest: [PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED],
  host_donate_guest: [PKVM_PAGE_OWNED, PKVM_NOPAGE],
  host_undonate_guest: [PKVM_NOPAGE, PKVM_PAGE_OWNED],
  guest_share_host: [PKVM_NOPAGE, PKVM_PAGE_OWNED],
  guest_unshare_host: [PKVM_PAGE_SHARED_BORROWED, PKVM_PAGE_SHARED_OWNED],
};

/** The word that an unknown leaf would have if the call is to succeed. */
function enablingWord({ name, args }: NamedCall, table: Table, address: bigint): bigint {
  const [host, guest] = enabling[name];
  const page = table === 'host' ? address : (args.hpa ?? 0n) + address - (args.gpa ?? 0n);
  if (page < 0n || page >= physicalLimit) return NEVER_MAPPED; // no leaf maps it, so the call cannot succeed
  if (table === 'host') return host === PKVM_NOPAGE ? annotation(args.vm ?? 0) : hostLeaf(address, host);
  if (guest === PKVM_NOPAGE) return NEVER_MAPPED;
  return guestLeaf(page - (page % PAGE_SIZE), args.prot ?? PROT_RWX, guest);
}

/**
 * The limit that keeps a call from being looked at: more pages than anyone would, or, where an implementation lets such
 * arguments through, an address or an owner id that no leaf can hold.
 */
export function limitHit(
  { machine, faults }: Candidates,
  { name, args }: NamedCall,
): 'limit.call_pages' | 'limit.encoding' | undefined {
  const { hpa = 0n, size, vm = 0 } = args;
  const end = hpa + size + 2n * PAGE_SIZE;
  if (faults.size > 0 && (end > physicalLimit || vm > OwnerId.last)) return 'limit.encoding';
  if (size / PAGE_SIZE <= maxCallPages || !operations[name].ramOnly) return undefined;
  const isRefused =
    !faults.has('arguments.ram') &&
    firstOutsideRam(ramOf(machine), hpa - (hpa % PAGE_SIZE), hpa + size) !== undefined;
  return isRefused ? undefined : 'limit.call_pages';
}

/** Runs the call on one candidate's words. */
export function outcomeIn(
  candidates: Candidates,
  candidate: Candidate,
  named: NamedCall,
  tablePages: PkvmTables['tablePages'] = 'available',
): CandidateOutcome {
  const needs: Need[] = [];
  const read = (table: Table, address: bigint): bigint => {
    const word: Word = wordIn(candidates, candidate, table, address);
    if (word !== 'unknown') return word;
    if (!needs.some(need => need.table === table && need.address === address))
      needs.push({ table, address });
    return enablingWord(named, table, address);
  };
  const tables: PkvmTables = {
    host: hpa => read('host', hpa),
    guest: (vm, gpa) => read(vm, gpa),
    ram: ramOf(candidates.machine),
    vms: vmsOf(candidates.machine, named.args.vm),
    tablePages,
  };
  return { outcome: call(tables, named.name, named.args, candidates.rules), needs };
}
