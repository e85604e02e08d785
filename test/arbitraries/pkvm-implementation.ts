import {
  call,
  type CallRules,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  operationNames,
  operations,
  PageState,
  type Prot,
  specified,
  type Vm,
} from '../../model/pkvm/index.ts';
import type { LeafObservation, Machine, NamedCall, Table } from '../../oracle/step/index.ts';

/** A sequence of numbers in [0, 1) that is the same for the same seed. Knuth's MMIX generator, upper half. */
export function randomFrom(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
    return Number(state / 2n ** 32n) / 2 ** 32;
  };
}

const page = 0x1000n;
/** Where a range of two pages that begins at the last gpa ends. */
const afterGpas = 0x1_2000n;

/** A small machine: four pages of RAM, a protected and a normal guest, two gpas each, and something that is no RAM. */
export const smallWorld = (firstGuestId = 2) => {
  const vms: readonly Vm[] = [
    { id: firstGuestId, kind: 'protected' },
    { id: firstGuestId + 1, kind: 'normal' },
  ];
  const machine: Machine = {
    ram: [{ start: 0x3000n, end: 0x7000n }],
    vms,
    initially: 'host owns all RAM',
  };
  return { machine, vms, pages: [0x3000n, 0x4000n, 0x5000n, 0x6000n], gpas: [0x1_0000n, 0x1_1000n] };
};
export type World = ReturnType<typeof smallWorld>;

/** Page tables and the calls that change them: what is held against the specification. */
export class Implementation {
  readonly #words = new Map<string, bigint>();
  readonly #world: World;
  readonly #rules: CallRules;

  constructor(world: World, rules: CallRules = specified) {
    this.#world = world;
    this.#rules = rules;
  }

  leaf(table: Table, address: bigint): bigint {
    const isOwned = table === 'host' && this.#world.pages.includes(address);
    return (
      this.#words.get(`${table} ${address}`) ??
      (isOwned ? hostLeaf(address, PageState.PKVM_PAGE_OWNED) : NEVER_MAPPED)
    );
  }

  /** Every leaf of the world, as an observer with a debugger would see it. */
  leaves(): readonly LeafObservation[] {
    const { pages, vms } = this.#world;
    const gpas = [...this.#world.gpas, afterGpas];
    const places: readonly (readonly [Table, bigint])[] = [
      ...pages.map(address => ['host', address] as const),
      ...vms.flatMap(({ id }) => gpas.map(address => [id, address] as const)),
    ];
    return places.map(([table, address]) => ({ table, address, word: this.leaf(table, address) }));
  }

  call({ name, args }: NamedCall, tablePages: 'available' | 'exhausted' = 'available'): number {
    const { result, writes } = call(
      {
        host: hpa => this.leaf('host', hpa),
        guest: (vm, gpa) => this.leaf(vm, gpa),
        ram: this.#world.machine.ram === 'any' ? [] : this.#world.machine.ram,
        vms: this.#world.vms,
        tablePages,
      },
      name,
      args,
      this.#rules,
    );
    for (const { table, address, after } of writes) this.#words.set(`${table} ${address}`, after);
    return result;
  }
}

const grants: readonly Prot[] = [
  { read: true, write: true, execute: true },
  { read: true, write: false, execute: true },
];
const nothing: Prot = { read: false, write: false, execute: false };
const last = 2n ** 64n - page;

/** Calls of every kind: mostly well-formed ones that often succeed, otherwise with one thing wrong. */
export function randomCall(world: World, random: () => number): NamedCall {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  const wrong = random() < 0.85 ? 'nothing' : pick(['size', 'hpa', 'gpa', 'vm', 'prot'] as const);
  const name: OperationName = pick(operationNames);
  const { names } = operations[name];
  const takesProt = name === 'host_share_guest' || name === 'host_donate_guest';
  const hpa = pick(wrong === 'hpa' ? [0x3800n, 0xfee0_0000n, last] : world.pages);
  const gpa = pick(wrong === 'gpa' ? [0x1_0800n, last] : world.gpas);
  return {
    name,
    args: {
      size: pick(wrong === 'size' ? [0n, page / 2n, page + 8n] : [page, page, page, 2n * page]),
      ...(names === 'gpa' ? {} : { hpa }),
      ...(names === 'hpa' ? {} : { vm: wrong === 'vm' ? pick([1, 99]) : pick(world.vms).id, gpa }),
      ...(takesProt ? { prot: wrong === 'prot' ? nothing : pick(grants) } : {}),
    },
  };
}
