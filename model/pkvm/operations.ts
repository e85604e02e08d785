import type { PageOfCall } from './check.ts';
import { asSpecified, type Deviations } from './deviation.ts';
import { isGuestId, isMappableProt, PROT_RWX, type Prot, PkvmAnnotation, viewOf } from './leaf.ts';
import { type CallOutcome, Errno, refused } from './result.ts';
import { firstOutsideRam, PAGE_SIZE, type PkvmTables, type Vm } from './tables.ts';
import { donate, run, share, type Transition, unshare } from './transition.ts';

/** The eight operations, in the order of the seed's API and then of what it leaves to later parts. */
export const operationNames = [
  'host_donate_hyp',
  'hyp_donate_host',
  'host_share_guest',
  'host_unshare_guest',
  'host_donate_guest',
  'host_undonate_guest',
  'guest_share_host',
  'guest_unshare_host',
] as const;
export type OperationName = (typeof operationNames)[number];

/** The arguments of a call. Addresses and size in bytes; which are used depends on the operation. */
export interface CallArguments {
  readonly hpa?: bigint;
  readonly vm?: number;
  readonly gpa?: bigint;
  readonly size: bigint;
  /** `rwx` where the operation takes it and the caller names none. */
  readonly prot?: Prot;
}

interface Operation {
  readonly transition: Transition;
  readonly names: 'hpa' | 'hpa and gpa' | 'gpa';
  /** Donation needs a protected VM, sharing by the host a normal one. */
  readonly needs?: 'protected' | 'normal';
  /** Donation and sharing move RAM only. */
  readonly ramOnly: boolean;
}

/** Which transition, between whom, each operation is. Seed 004, "this patch set support page state APIs". */
export const operations: Readonly<Record<OperationName, Operation>> = {
  host_donate_hyp: { transition: donate('host', 'hyp'), names: 'hpa', ramOnly: true },
  hyp_donate_host: { transition: donate('hyp', 'host'), names: 'hpa', ramOnly: true },
  host_share_guest: {
    transition: share('host', 'guest'),
    names: 'hpa and gpa',
    needs: 'normal',
    ramOnly: true,
  },
  host_unshare_guest: { transition: unshare('host', 'guest'), names: 'hpa and gpa', ramOnly: false },
  host_donate_guest: {
    transition: donate('host', 'guest'),
    names: 'hpa and gpa',
    needs: 'protected',
    ramOnly: true,
  },
  host_undonate_guest: { transition: donate('guest', 'host'), names: 'hpa and gpa', ramOnly: false },
  guest_share_host: { transition: share('guest', 'host'), names: 'gpa', ramOnly: false },
  guest_unshare_host: { transition: unshare('guest', 'host'), names: 'gpa', ramOnly: false },
};

const ADDRESS_SPACE = 1n << 64n;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

interface Request {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly args: CallArguments;
  readonly tables: PkvmTables;
  readonly deviations: Deviations;
}

/** The checks of the arguments alone, in order. facts/pkvm.md 1.2; design.md, "Zero size, misaligned …". */
function refuseArguments({ name, operation, args, tables, deviations }: Request): CallOutcome | undefined {
  const { hpa, gpa, size, vm } = args;
  const addresses = [
    operation.names === 'gpa' ? undefined : hpa,
    operation.names === 'hpa' ? undefined : gpa,
  ].filter(value => value !== undefined);
  const invalid = (rule: string, why: string): CallOutcome | undefined =>
    deviations.has(rule) ? undefined : refused(Errno.EINVAL, rule, why);
  let refusal: CallOutcome | undefined;
  if (size === 0n) refusal ??= invalid('arguments.size_zero', 'the size is 0');
  const sizeIsAsked = name !== 'guest_unshare_host' || !deviations.has('unshare_size_underflows');
  if ([...addresses, ...(sizeIsAsked ? [size] : [])].some(value => value % PAGE_SIZE !== 0n)) {
    refusal ??= invalid('arguments.aligned', 'an address or the size is not a multiple of 4 KByte');
  }
  if (addresses.some(start => start + size > ADDRESS_SPACE)) {
    refusal ??= invalid('arguments.wrap', 'the range wraps around the end of the address space');
  }
  if (operation.names !== 'hpa') {
    if (vm === undefined || !isGuestId(vm) || !tables.vms.some(({ id }) => id === vm)) {
      refusal ??= invalid('arguments.vm', `${vm} is not the id of a guest`);
    }
  }
  if (args.prot !== undefined && !isMappableProt(args.prot)) {
    refusal ??= invalid('arguments.prot', 'the grant would not make a present, well-configured leaf');
  }
  if (operation.ramOnly && hpa !== undefined) {
    const outside = firstOutsideRam(tables.ram, hpa, hpa + size);
    if (outside !== undefined) refusal ??= invalid('arguments.ram', `${hex(outside)} is not RAM`);
  }
  return refusal;
}

const kindOf = (vms: readonly Vm[], id: number | undefined): Vm['kind'] =>
  vms.find(vm => vm.id === id)?.kind ?? 'unspecified';

function refuseKind({ name, operation, args, tables, deviations }: Request): CallOutcome | undefined {
  const kind = kindOf(tables.vms, args.vm);
  const { needs } = operation;
  if (needs === undefined || kind === needs || kind === 'unspecified' || deviations.has(`kind.${needs}`))
    return undefined;
  return refused(Errno.EPERM, `kind.${needs}`, `${name} needs a ${needs} VM, guest ${args.vm} is ${kind}`);
}

/**
 * The pages of a range. For well-formed arguments exactly those named; a size that is no multiple of a page is
 * rounded up and an address down, and a range that wraps holds none: facts/pkvm.md 0.2 C1 to C3, what is left to do
 * where a deviation lets such arguments through.
 */
function* pageAddresses(start: bigint, size: bigint): Generator<bigint> {
  const first = start - (start % PAGE_SIZE);
  const end = first + ((size + PAGE_SIZE - 1n) / PAGE_SIZE) * PAGE_SIZE;
  if (end > ADDRESS_SPACE) return;
  for (let page = first; page < end; page += PAGE_SIZE) yield page;
}

/** The leaves of one page of the call, as the checks see them. */
function pageOf(request: Request, hpa: bigint | undefined, gpa: bigint): PageOfCall {
  const { tables, deviations, args, name } = request;
  const vm = request.operation.names === 'hpa' ? 0 : (args.vm ?? 0);
  const guestLeaf = (): bigint => tables.guest(vm, gpa);
  const page = hpa ?? viewOf(guestLeaf()).page;
  const looksAtGpa = name === 'host_unshare_guest' && deviations.has('unshare_checks_gpa');
  const readHost = (): bigint => tables.host(looksAtGpa ? gpa : page);
  const hostLeaf = deviations.has('owner_mask_4_bits') ? () => masked(readHost()) : readHost;
  return { hpa: page, gpa, vm, hostLeaf, guestLeaf };
}

function masked(leaf: bigint): bigint {
  const { isPresent, ownerId } = viewOf(leaf);
  return isPresent ? leaf : PkvmAnnotation.with(leaf, { ownerId: ownerId % 16 });
}

/**
 * The pages of the call, made one at a time: a range may be as long as the address space, and the first page that
 * fails its check ends the call.
 */
function pagesOf(request: Request): Iterable<PageOfCall> {
  const { operation, args } = request;
  const { hpa = 0n, gpa = 0n, size } = args;
  const namesHpa = operation.names !== 'gpa';
  return {
    *[Symbol.iterator]() {
      const gpas = pageAddresses(gpa, operation.names === 'hpa' ? 0n : size);
      for (const page of pageAddresses(namesHpa ? hpa : gpa, size)) {
        const { value: guestPage } = gpas.next();
        yield pageOf(request, namesHpa ? page : undefined, guestPage ?? 0n);
      }
    },
  };
}

/** Runs every page as a call of its own and stops at the first refusal, keeping what was written: B15. */
function pageByPage(request: Request, pages: Iterable<PageOfCall>): CallOutcome {
  let sum: CallOutcome = { result: 0, rule: 'complete', why: 'every check holds', writes: [], wipes: [] };
  for (const page of pages) {
    const one = runPages(request, [page]);
    sum = { ...one, writes: [...sum.writes, ...one.writes], wipes: [...sum.wipes, ...one.wipes] };
    if (one.result !== 0) break;
  }
  return sum;
}

const runPages = (
  { operation, args, tables, deviations }: Request,
  pages: Iterable<PageOfCall>,
): CallOutcome =>
  run(operation.transition, pages, {
    prot: args.prot ?? PROT_RWX,
    deviations,
    tablePages: tables.tablePages,
  });

/** As many pages as there are up to the first that is not shared, when an unaligned size never reaches zero: B3. */
function pagesPastTheEnd(request: Request): PageOfCall[] {
  const start = (request.args.gpa ?? 0n) - ((request.args.gpa ?? 0n) % PAGE_SIZE);
  const pages: PageOfCall[] = [];
  for (let at = 0n; at < 64n; at++) {
    const page = pageOf(request, undefined, start + at * PAGE_SIZE);
    pages.push(page);
    if (page.guestLeaf() === 0n) break;
  }
  return pages;
}

/**
 * One call of the page-state API over the leaf words that `tables` shows. Pure: the writes are returned, not done.
 *
 * Order of checks: arguments, VM kind, initiator over the range, completer over the range; the first failure is the
 * result. Seed 004; design.md, "Normative choices".
 *
 * @param deviations how the implementation differs from the specification; nothing where left out.
 */
export function call(
  tables: PkvmTables,
  name: OperationName,
  args: CallArguments,
  deviations: Deviations = asSpecified,
): CallOutcome {
  const operation = operations[name];
  const request: Request = { name, operation, args, tables, deviations };
  const refusal = refuseArguments(request) ?? refuseKind(request);
  if (refusal !== undefined) return refusal;
  if (deviations.size === 0) return runPages(request, pagesOf(request));
  return deviatingCall(request);
}

function deviatingCall(request: Request): CallOutcome {
  const { name, operation, args, deviations } = request;
  if (
    name === 'guest_unshare_host' &&
    deviations.has('unshare_size_underflows') &&
    args.size % PAGE_SIZE !== 0n
  ) {
    return pageByPage(request, pagesPastTheEnd(request));
  }
  const pages = [...pagesOf(request)];
  const mapsGuest =
    operation.transition.complete?.name.endsWith('complete.guest') === true && operation.ramOnly;
  if (
    mapsGuest &&
    deviations.has('present_leaf_accepted') &&
    pages.some(page => viewOf(page.guestLeaf()).isPresent)
  ) {
    return { result: 0, rule: 'complete', why: 'the gpa is present already', writes: [], wipes: [] };
  }
  const isGuestCall = operation.names === 'gpa' && deviations.has('guest_calls_page_by_page');
  return isGuestCall || deviations.has('page_by_page')
    ? pageByPage(request, pages)
    : runPages(request, pages);
}
