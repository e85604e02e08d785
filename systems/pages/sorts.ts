import {
  type Action,
  type Member,
  membersOf,
  type Shape,
  type Slot,
  type Sorts,
  type Value,
} from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import {
  type Contents,
  ownerOfSecret,
  PAGE_SIZE,
  PkvmAnnotation,
  PkvmLeaf,
  secretOf,
  viewOf,
} from '../../model/pkvm/index.ts';
import type { OwnershipSlots } from '../../properties/ownership-slots.ts';
import type { Places } from './places.ts';

/** How the values of some slots are made from members: taken apart, and put together again. */
export interface ValueShape {
  readonly take: (value: Value) => Shape;
  readonly make: (shape: string, names: readonly Member[]) => Value;
}

/** A slot with what it is, whomever it is of, and how its values are made. */
export interface SortedSlot extends Shape {
  readonly slot: Slot;
  readonly values: ValueShape;
}

const PAGES = 'pages';
const GPAS = 'gpas';

/** The members of a world of pages, found by their address or id. The sorts have the names of a size's parameters. */
export class PageMembers {
  readonly all: ReadonlyMap<string, readonly Member[]>;
  readonly #byAddress = new Map<string, Member>();
  readonly #byMember = new Map<Member, bigint | number>();

  constructor({ pages, gpas, vms, cpus }: Places) {
    const guests = (kind: string): number[] => vms.filter(vm => vm.kind === kind).map(({ id }) => id);
    this.all = new Map(
      [
        this.#sort(PAGES, pages),
        this.#sort(GPAS, gpas),
        this.#sort('protected', guests('protected')),
        this.#sort('normal', guests('normal')),
        this.#sort('cpus', cpus),
      ].filter(([, members]) => members.length > 0),
    );
  }

  #sort(sort: string, numbers: readonly (bigint | number)[]): readonly [string, readonly Member[]] {
    const members = membersOf(
      sort,
      numbers.map(number => (typeof number === 'bigint' ? addressHex(number) : String(number))),
    );
    members.forEach((member, at) => {
      const number = numbers[at] ?? 0;
      this.#byAddress.set(`${sort} ${number}`, member);
      this.#byMember.set(member, number);
    });
    return [sort, members];
  }

  page = (address: bigint): Member | undefined => this.#byAddress.get(`${PAGES} ${address}`);
  gpa = (address: bigint): Member | undefined => this.#byAddress.get(`${GPAS} ${address}`);
  cpu = (cpu: number): Member | undefined => this.#byAddress.get(`cpus ${cpu}`);
  guest = (id: number): Member | undefined =>
    this.#byAddress.get(`protected ${id}`) ?? this.#byAddress.get(`normal ${id}`);

  /** The page or gpa that a member is. */
  addressOf = (member: Member | undefined): bigint => BigInt(this.numberOf(member));
  /** The owner id or the CPU that a member is. */
  idOf = (member: Member | undefined): number => Number(this.numberOf(member));

  numberOf(member: Member | undefined): bigint | number {
    return (member === undefined ? undefined : this.#byMember.get(member)) ?? 0;
  }
}

/** A value that names nobody, in a text that gives it back. */
const textOf = (value: Value): string => `${typeof value} ${value}`;

function valueOf(text: string): Value {
  const at = text.indexOf(' ');
  const rest = text.slice(at + 1);
  switch (text.slice(0, at)) {
    case 'bigint':
      return BigInt(rest);
    case 'number':
      return Number(rest);
    case 'boolean':
      return rest === 'true';
    default:
      return rest;
  }
}

const nobody = (value: Value): Shape => ({ shape: textOf(value), names: [] });

/** Values that name nobody: a lock's, a flag's, a state's. */
export const plainValues: ValueShape = { take: nobody, make: valueOf };

const shaped = (rest: Value, member: Member): Shape => ({ shape: textOf(rest), names: [member] });

/**
 * Leaf words: the page that a present one maps, the guest that another records as owner. All other bits are the shape.
 */
export const leafWords = (members: PageMembers): ValueShape => ({
  take: value => {
    // a word that stands for no leaf is negative
    if (typeof value !== 'bigint' || value < 0n) return nobody(value);
    const { isPresent, page, ownerId } = viewOf(value);
    const named = isPresent ? members.page(page) : members.guest(ownerId);
    if (named === undefined) return nobody(value);
    const rest = isPresent
      ? PkvmLeaf.with(value, { page: 0n })
      : PkvmAnnotation.with(value, { ownerId: 0 });
    return shaped(rest, named);
  },
  make: (shape, [member]) => {
    const rest = valueOf(shape);
    if (member === undefined || typeof rest !== 'bigint') return rest;
    return member.sort === PAGES
      ? PkvmLeaf.with(rest, { page: members.addressOf(member) })
      : PkvmAnnotation.with(rest, { ownerId: members.idOf(member) });
  },
});

/** Addresses of pages: 0, or any other that is no member's, names nobody. */
export const pageAddresses = (members: PageMembers): ValueShape => ({
  take: value => {
    const page = typeof value === 'bigint' ? members.page(value) : undefined;
    return page === undefined ? nobody(value) : { shape: 'page', names: [page] };
  },
  make: (shape, [page]) => (page === undefined ? valueOf(shape) : members.addressOf(page)),
});

/** Owner ids of guests: the host's and the hypervisor's name nobody. */
export const ownerIds = (members: PageMembers): ValueShape => ({
  take: value => {
    const guest = typeof value === 'number' ? members.guest(value) : undefined;
    return guest === undefined ? nobody(value) : { shape: 'guest', names: [guest] };
  },
  make: (shape, [guest]) => (guest === undefined ? valueOf(shape) : members.idOf(guest)),
});

/** Numbers of CPUs: what is no CPU's names nobody. */
export const cpuNumbers = (members: PageMembers): ValueShape => ({
  take: value => {
    const cpu = typeof value === 'number' ? members.cpu(value) : undefined;
    return cpu === undefined ? nobody(value) : { shape: 'cpu', names: [cpu] };
  },
  make: (shape, [cpu]) => (cpu === undefined ? valueOf(shape) : members.idOf(cpu)),
});

/** What a page holds: whose secret. */
export const pageContents = (members: PageMembers): ValueShape => ({
  take: value => {
    const owner = ownerOfSecret(String(value) as Contents);
    const guest = owner === undefined ? undefined : members.guest(owner);
    return guest === undefined ? nobody(value) : { shape: 'secret', names: [guest] };
  },
  make: (shape, [guest]) => (guest === undefined ? valueOf(shape) : secretOf(members.idOf(guest))),
});

/**
 * A call by its arguments: those that are members are its names, and the rest of it is its shape. A page that is only
 * nearly a member's, as in a malformed call, names that member with a distance; a range names all its pages.
 */
export function callShape(members: PageMembers, { name, actor, args }: Action): Shape {
  const names: Member[] = [];
  const words = Object.entries(args).map(([key, value]) => {
    const [found, rest] = membersIn(members, key, value, args['size']);
    names.push(...found);
    const [first] = found;
    return `${key}=${first === undefined ? textOf(value) : `${first.sort}${rest}`}`;
  });
  const callers = actor.split(' ').map(word => {
    const [, kind = word, number] = /^(\D+)(\d+)$/.exec(word) ?? [];
    const member = number === undefined ? undefined : memberCalled(members, kind, Number(number));
    if (member !== undefined) names.push(member);
    return member === undefined ? word : member.sort;
  });
  return { shape: [...callers, name, ...words].join(' '), names };
}

/** Whoever makes a call: `guest16`, `cpu0`. */
function memberCalled(members: PageMembers, kind: string, number: number): Member | undefined {
  if (kind === 'cpu') return members.cpu(number);
  return kind === 'guest' ? members.guest(number) : undefined;
}

function membersIn(
  members: PageMembers,
  key: string,
  value: Value,
  size: Value | undefined,
): readonly [readonly Member[], string] {
  if (key === 'vm') return [present([members.guest(Number(value))]), ''];
  if ((key !== 'hpa' && key !== 'page' && key !== 'gpa') || typeof value !== 'bigint') return [[], ''];
  const offset = value % PAGE_SIZE;
  const at = (address: bigint): Member | undefined =>
    key === 'gpa' ? members.gpa(address) : members.page(address);
  const range = present(pagesOf(value - offset, size).map(at));
  return [range, offset === 0n ? '' : `+${offset}`];
}

/** The pages of a range: one, where the size says nothing else. */
function pagesOf(first: bigint, size: Value | undefined): readonly bigint[] {
  const length = typeof size === 'bigint' && size % PAGE_SIZE === 0n ? Number(size / PAGE_SIZE) : 1;
  return Array.from({ length: Math.max(1, length) }, (_, at) => first + BigInt(at) * PAGE_SIZE);
}

/** The sorts of a system whose slots and calls are these. @throws RangeError where another slot is asked for */
export function sortsOf(
  members: PageMembers,
  slots: readonly SortedSlot[],
  action: Sorts['action'],
): Sorts {
  const bySlot = new Map(slots.map(sorted => [sorted.slot, sorted]));
  const of = (slot: Slot): SortedSlot => {
    const found = bySlot.get(slot);
    if (found === undefined) throw new RangeError(`${slot.name} is of no sort`);
    return found;
  };
  return {
    members: members.all,
    slot: slot => of(slot),
    value: (slot, value) => of(slot).values.take(value),
    make: (slot, shape, names) => of(slot).values.make(shape, names),
    action,
  };
}

/** The members that there are: a page that is none of a system's sorts names nobody. */
export const present = (members: readonly (Member | undefined)[]): readonly Member[] =>
  members.filter(member => member !== undefined);

/** The leaves of host and guests. A guest's table is of its kind; MMIO is a sort of its own, of one page each. */
export function sortedLeaves(members: PageMembers, { host, guest }: OwnershipSlots): readonly SortedSlot[] {
  const values = leafWords(members);
  return [
    ...host.map(({ page, slot, isRam }) => ({
      slot,
      shape: isRam ? 'host leaf' : `host leaf of ${addressHex(page)}`,
      names: present([members.page(page)]),
      values,
    })),
    ...guest.map(({ vm, gpa, slot }) => ({
      slot,
      shape: 'guest leaf',
      names: present([members.guest(vm), members.gpa(gpa)]),
      values,
    })),
  ];
}
