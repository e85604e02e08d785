import { addressHex, type Word } from '../bits/index.ts';
import { isGuestId, isMappableProt } from './leaf.ts';
import type { CallRequest, Operation } from './operations.ts';
import { type CallOutcome, Errno, refused } from './result.ts';
import { firstOutsideRam, PAGE_SIZE, type Vm } from './tables.ts';
import { both, design, facts, seed, type Source } from '../citation.ts';

/** One question asked of the arguments of a call, or of what the hypervisor has at hand for it. */
export interface ArgumentCheck<N extends string = string> {
  readonly name: N;
  readonly errno: Errno;
  /** What must be true, as a sentence. */
  readonly rule: string;
  readonly source: Source;
  /** Before any leaf is read, or when all of them allow the call. */
  readonly asked: 'first' | 'last';
  /** Whether a call of this operation can be refused by it. */
  appliesTo(operation: Operation): boolean;
  holds(request: CallRequest<Word>): boolean;
  /** What was found instead. */
  found(request: CallRequest<Word>): string;
}

const ADDRESS_SPACE = 1n << 64n;
const wellFormed = design(
  'Ownership',
  'Zero size, misaligned address or size, and wrap-around are -EINVAL',
);

/** The addresses that the caller names, without those that the operation does not take. */
export const namedAddresses = ({ operation, args: { hpa, gpa } }: CallRequest<Word>): bigint[] =>
  [operation.names === 'gpa' ? undefined : hpa, operation.names === 'hpa' ? undefined : gpa].filter(
    address => address !== undefined,
  );

export const isPageAligned = (value: bigint): boolean => value % PAGE_SIZE === 0n;

const kindOf = ({ args, tables }: CallRequest<Word>): Vm['kind'] =>
  tables.vms.find(({ id }) => id === args.vm)?.kind ?? 'unspecified';

const outsideRam = ({ args: { hpa, size }, tables }: CallRequest<Word>): bigint | undefined =>
  hpa === undefined ? undefined : firstOutsideRam(tables.ram, hpa, hpa + size);

const always = (): boolean => true;

type Question<N extends string> = Omit<ArgumentCheck<N>, 'errno' | 'asked' | 'appliesTo'> &
  Partial<ArgumentCheck<N>>;
const ask = <const N extends string>(question: Question<N>): ArgumentCheck<N> => ({
  errno: Errno.EINVAL,
  asked: 'first',
  appliesTo: always,
  ...question,
});

const needsKind = <const K extends 'protected' | 'normal'>(
  kind: K,
  says: Pick<ArgumentCheck, 'rule' | 'source'>,
): ArgumentCheck<`kind.${K}`> =>
  ask({
    ...says,
    name: `kind.${kind}`,
    errno: Errno.EPERM,
    appliesTo: ({ needs }) => needs === kind,
    holds: request => kindOf(request) === kind || kindOf(request) === 'unspecified',
    found: request => `${request.name} needs a ${kind} VM, guest ${request.args.vm} is ${kindOf(request)}`,
  });

/** The checks of the arguments, in the order in which they are asked. facts/pkvm.md 1.2. */
export const argumentChecks = [
  ask({
    name: 'arguments.size_zero',
    rule: 'the size is not 0',
    source: wellFormed,
    holds: ({ args }) => args.size !== 0n,
    found: () => 'the size is 0',
  }),
  ask({
    name: 'arguments.aligned',
    rule: 'addresses and size are multiples of 4 KByte',
    source: wellFormed,
    holds: request => [...namedAddresses(request), request.args.size].every(isPageAligned),
    found: () => 'an address or the size is not a multiple of 4 KByte',
  }),
  ask({
    name: 'arguments.wrap',
    rule: 'the range does not wrap around',
    source: wellFormed,
    holds: request => namedAddresses(request).every(start => start + request.args.size <= ADDRESS_SPACE),
    found: () => 'the range wraps around the end of the address space',
  }),
  ask({
    name: 'arguments.vm',
    rule: 'the id is that of a guest: 2 or more, at most 20 bits, and there is such a guest',
    source: both(
      seed('004', 'others: PKVM_ID_GUEST'),
      design('Ownership', 'an id that does not fit 20 bits or is reserved is refused'),
    ),
    appliesTo: ({ names }) => names !== 'hpa',
    holds: ({ args: { vm }, tables }) =>
      vm !== undefined && isGuestId(vm) && tables.vms.some(({ id }) => id === vm),
    found: ({ args }) => `${args.vm} is not the id of a guest`,
  }),
  ask({
    name: 'arguments.prot',
    rule: 'the grant makes a present, well-configured leaf',
    source: facts.pkvm('1.1', 'prot=0 accepted: guest leaf non-present but state SB'),
    appliesTo: ({ needs }) => needs !== undefined,
    holds: ({ args: { prot } }) => prot === undefined || isMappableProt(prot),
    found: () => 'the grant would not make a present, well-configured leaf',
  }),
  ask({
    name: 'arguments.ram',
    rule: 'every page of the range is RAM',
    source: design('Ownership', 'A page outside RAM (MMIO) is -EINVAL for donation and sharing'),
    appliesTo: ({ ramOnly }) => ramOnly,
    holds: request => outsideRam(request) === undefined,
    found: request => `${addressHex(outsideRam(request) ?? 0n)} is not RAM`,
  }),
  ask({
    name: 'arguments.table_pages',
    errno: Errno.ENOMEM,
    rule: 'a table page that cannot be had is -ENOMEM, with nothing changed',
    source: design('Ownership', 'a table page that cannot be had is -ENOMEM, with nothing changed'),
    asked: 'last',
    appliesTo: ({ transition }) => transition.mapsGuest,
    holds: ({ tables }) => tables.tablePages === 'available',
    found: () => "no page can be had for the guest's table",
  }),
  needsKind('protected', {
    rule: 'donation to a guest needs a protected VM',
    source: seed(
      '004',
      'For a protected VM (guestA), during EPT shadowing, the page assigned to guestA shall be donated',
    ),
  }),
  needsKind('normal', {
    rule: 'sharing with a guest needs a normal VM',
    source: seed(
      '004',
      'For a normal VM (guestB), during EPT shadowing, the page assigned to guestB shall be shared',
    ),
  }),
] as const;
export type ArgumentCheckName = (typeof argumentChecks)[number]['name'];

/** The refusal of the first of these checks that does not hold. */
export function refusedBy(
  checks: readonly ArgumentCheck[],
  asked: ArgumentCheck['asked'],
  request: CallRequest<Word>,
): CallOutcome<never> | undefined {
  const failed = checks.find(
    check => check.asked === asked && check.appliesTo(request.operation) && !check.holds(request),
  );
  return failed && refused(failed.errno, failed.name, failed.found(request));
}
