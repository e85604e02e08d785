import { EptMemoryType } from '../ept/entry.ts';
import { call } from './call.ts';
import { PageState, PkvmLeaf, PROT_RWX, viewOf } from './leaf.ts';
import { type CallOutcome, Errno, refused } from './result.ts';
import type { PkvmRules } from './rules.ts';
import { specified } from './specified.ts';
import { type AddressRange, firstOutsideRam, PAGE_SIZE, type PkvmTables, type Vm } from './tables.ts';

/**
 * What the host and the guests really do, above the eight operations: they fault, and pKVM calls the operation that
 * the kind of VM asks for. facts/pkvm.md 1.1, "Callers".
 */

/** A guest page of one VM. `size` in bytes. */
export interface GuestRange {
  readonly vm: number;
  readonly gpa: bigint;
  readonly size: bigint;
}

const done = (rule: string, why: string): CallOutcome => ({ result: 0, rule, why, writes: [], wipes: [] });
const kindOf = (tables: PkvmTables, vm: number): Vm['kind'] =>
  tables.vms.find(({ id }) => id === vm)?.kind ?? 'unspecified';
const pagesOf = ({ gpa, size }: GuestRange): bigint[] =>
  Array.from({ length: Number(size / PAGE_SIZE) }, (_, at) => gpa + BigInt(at) * PAGE_SIZE);

/**
 * A guest faults and the host offers the pages from `hpa` on: a normal VM borrows them, a protected one gets them.
 * A gpa that maps the offered page already is success and no change; one that maps another is `-EPERM`.
 */
export function guestEptViolation(
  tables: PkvmTables,
  { hpa, ...range }: GuestRange & { readonly hpa: bigint },
  rules: PkvmRules = specified,
): CallOutcome {
  const leaves = pagesOf(range).map(gpa => viewOf(tables.guest(range.vm, gpa)));
  const offered = pagesOf(range).map((_, at) => hpa + BigInt(at) * PAGE_SIZE);
  if (leaves.every(({ isPresent }) => isPresent)) {
    return rules.isMappedAlready(leaves, offered)
      ? done('violation.spurious', 'mapped already')
      : refused(Errno.EPERM, 'violation.mapped', 'the gpa maps another page');
  }
  const kind = kindOf(tables, range.vm);
  if (kind === 'unspecified') return refused(Errno.EINVAL, 'violation.kind', 'the VM is of neither kind');
  return call(tables, rules.operationFor(kind), { ...range, hpa, prot: PROT_RWX }, rules);
}

/** One mapped gpa of a range, given back by its VM as the VM's kind asks. */
function giveBack(
  tables: PkvmTables,
  vm: number,
  gpa: bigint,
  kind: Vm['kind'],
  rules: PkvmRules,
): CallOutcome {
  const { isPresent, page } = viewOf(tables.guest(vm, gpa));
  if (!isPresent) return done('range.unmapped', 'nothing is mapped there');
  const operation = kind === 'normal' ? 'host_unshare_guest' : 'host_undonate_guest';
  return call(tables, operation, { vm, gpa, hpa: page, size: PAGE_SIZE }, rules);
}

function giveBackRange(
  tables: PkvmTables,
  range: GuestRange,
  kind: Vm['kind'],
  rules: PkvmRules,
): CallOutcome {
  let sum = done('complete', 'every mapped page of the range is given back');
  for (const gpa of pagesOf(range)) {
    const one = giveBack(tables, range.vm, gpa, kind, rules);
    if (one.result !== 0) return one;
    sum = { ...sum, writes: [...sum.writes, ...one.writes], wipes: [...sum.wipes, ...one.wipes] };
  }
  return sum;
}

/** The host takes back a range that it shares with a normal VM. A protected VM's range is not its to invalidate. */
export function invalidateRange(
  tables: PkvmTables,
  range: GuestRange,
  rules: PkvmRules = specified,
): CallOutcome {
  const kind = kindOf(tables, range.vm);
  if (!rules.mayInvalidate(kind))
    return refused(Errno.EPERM, 'invalidate.kind', 'only the range of a normal VM can be invalidated');
  return giveBackRange(tables, range, kind, rules);
}

/** Teardown of a VM, for one range of it: borrowed pages are unshared, owned ones wiped and undonated. */
export function teardownRange(
  tables: PkvmTables,
  range: GuestRange,
  rules: PkvmRules = specified,
): CallOutcome {
  const kind = kindOf(tables, range.vm);
  if (!rules.unmapsAtTeardown(kind)) return done('complete', 'nothing is unmapped');
  return giveBackRange(tables, range, kind, rules);
}

/** The word of a host leaf that maps an MMIO page: identity, RWX, uncacheable, OWNED. facts/pkvm.md 0.1. */
export const mmioLeaf = (page: bigint): bigint =>
  PkvmLeaf.encode({
    ...PROT_RWX,
    memoryType: EptMemoryType.UC,
    page,
    pageState: PageState.PKVM_PAGE_OWNED,
  });

/**
 * The host faults on a page. RAM is never mapped lazily: whoever owns it, the answer is `-EPERM`. A hole that is
 * MMIO is mapped uncacheable, except the registers of the IOMMU, which stay the hypervisor's.
 */
export function hostEptViolation(
  tables: PkvmTables,
  { hpa, iommu }: { readonly hpa: bigint; readonly iommu: readonly AddressRange[] },
  rules: PkvmRules = specified,
): CallOutcome {
  const before = tables.host(hpa);
  if (viewOf(before).isPresent) return done('violation.spurious', 'mapped already');
  const isRam = firstOutsideRam(tables.ram, hpa, hpa + PAGE_SIZE) === undefined;
  if (isRam && !rules.mapsLazily('ram'))
    return refused(Errno.EPERM, 'violation.ram', 'RAM that the host does not map is not its own');
  const isIommu = iommu.some(({ start, end }) => hpa >= start && hpa < end);
  if (isIommu && !rules.mapsLazily('iommu'))
    return refused(Errno.EPERM, 'violation.iommu', "the registers of the IOMMU are the hypervisor's");
  return {
    ...done('complete', 'a hole is mapped'),
    writes: [{ table: 'host', address: hpa, before, after: mmioLeaf(hpa) }],
  };
}
