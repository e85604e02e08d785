import { Arm64PageState } from '../../../model/arm64/index.ts';
import { addressHex } from '../../../model/bits/index.ts';
import {
  arm64Call,
  arm64CallOf,
  arm64HostLeaf,
  type Arm64Machine,
  type Arm64OperationName,
  arm64OperationNames,
  arm64Operations,
  type Arm64Operation,
  arm64Record,
  arm64RecordOf,
  type Arm64Rules,
  arm64RulesOf,
  type Arm64Table,
  type Arm64World,
  createArm64World,
  hasOperation,
  showArm64Record,
  showStage2Leaf,
  type Stage2LeafLevel,
  type Stage2Radix,
  stage2Value,
} from '../../../model/pkvm/counted/arm64/index.ts';
import type { CountedOutcome } from '../../../model/pkvm/counted/index.ts';
import { arm64Rules } from '../arm64-format.ts';
import { arm64RuleAt } from '../arm64-rules.ts';
import type { Arm64Implementation } from '../implementation.ts';
import type { Ear } from './ear.ts';
import type {
  CallArguments,
  CountedGuest,
  CountedMachineFacts,
  CountedModel,
  Memory,
  OperationShape,
  VmFacts,
} from './model.ts';
import type { CountedTable, Held, LeafSpan, Place } from './place.ts';

const isName = (name: string): name is Arm64OperationName =>
  arm64OperationNames.some(known => known === name);
const asLevel = (level: number): Stage2LeafLevel => {
  if (level === 0 || level === 1 || level === 2 || level === 3) return level;
  throw new RangeError(`a stage-2 table has no level ${level}`);
};
const PAGE = 0x1000n;
const BLOCK = 0x20_0000n;
const everything = { start: 0n, end: 1n << 42n };
/** The first handle that a VM gets. facts/arm64-live.md 8. */
const firstHandle = 0x1000;
const recordFields = ['host', 'hyp', 'shareCount', 'refcount'] as const;

const spanOf = ({ start, size, word, level }: LeafSpan): LeafSpan => ({
  start,
  size,
  word,
  ...(level === undefined ? {} : { level }),
});

/** A table as far as it lies in a range. */
function* spans(table: Arm64Table, start: bigint, size: bigint): Generator<LeafSpan> {
  for (const leaf of table.leaves(start, size)) {
    const from = leaf.start > start ? leaf.start : start;
    const end = leaf.start + leaf.size < start + size ? leaf.start + leaf.size : start + size;
    yield spanOf({ ...leaf, start: from, size: end - from });
  }
}

function listening(table: Arm64Table, name: CountedTable, ear: Ear): Arm64Table {
  const changes = (start: bigint, size: bigint): void => {
    ear.changesLeaves(name, start, size, () => spans(table, start, size));
  };
  return {
    end: table.end,
    leaf: address => {
      ear.readsLeaves(name, address, PAGE);
      return table.leaf(address);
    },
    leaves: (address, size) => {
      ear.readsLeaves(name, address, size);
      return table.leaves(address, size);
    },
    put: (address, level, word) => {
      changes(address, level === 2 ? BLOCK : PAGE);
      return table.put(address, level, word);
    },
    remove: address => {
      const { start, size } = table.leaf(address);
      changes(start, size);
      table.remove(address);
    },
    update: (address, size, change) => {
      changes(address, size);
      table.update(address, size, change);
    },
  };
}

/** The arm64 code, as a machine that is asked call by call. */
export class Arm64Model implements CountedModel {
  readonly observes = ['el2'] as const;
  /** The host's table is filled lazily: what is mapped in it nobody logs. */
  readonly guessed = ['host'] as const;
  readonly names: readonly string[];
  readonly #implementation: Arm64Implementation;
  readonly #rules: Arm64Rules;
  readonly #world: Arm64World;
  #vms = 0;

  constructor(implementation: Arm64Implementation, facts: CountedMachineFacts) {
    this.#implementation = implementation;
    this.#rules = arm64RulesOf(implementation.columns);
    this.names = arm64OperationNames.filter(name => hasOperation(implementation.columns, name));
    const { ram, hypervisor, ipaBits = 48, hasXnx = true } = facts;
    const memblocks = ram === 'any' ? [everything] : ram;
    this.#world = createArm64World({ memblocks, physicalBits: ipaBits, ipaBits, hasXnx, vms: [] });
    for (const { start, end } of hypervisor)
      for (let page = start; page < end; page += PAGE) {
        this.#world.setRecord(page, arm64Record(0n, { host: 3, hyp: 0, refcount: 1 }));
        this.#world.setMappedAtEl2(page, true);
      }
    this.#world.journal.forget();
  }

  shapeOf(name: string): OperationShape | undefined {
    if (!isName(name) || !hasOperation(this.#rules.columns, name)) return undefined;
    return arm64Operations[name] satisfies Arm64Operation;
  }

  rules(): ReadonlyMap<string, readonly string[]> {
    return arm64Rules(this.#implementation);
  }

  mark(): number {
    return this.#world.journal.mark();
  }
  back(mark: number): void {
    this.#world.journal.back(mark);
  }
  forget(): void {
    this.#world.journal.forget();
  }

  hasVm(id: number): boolean {
    return this.#world.vm(id) !== undefined;
  }
  addVm({ id, isProtected = false, handle = firstHandle + this.#vms }: CountedGuest): void {
    this.#vms++;
    this.#world.addVm({ id, isProtected, handle, isDying: false });
  }

  call(
    name: string,
    args: CallArguments,
    { vm: taken, memory }: { readonly vm: VmFacts; readonly memory: Memory },
    ear: Ear,
  ): CountedOutcome {
    if (!isName(name)) throw new RangeError(`no operation is called ${name}`);
    if (args.vm !== undefined) {
      const { tables } = this.#world.tableMemory(args.vm);
      this.#world.setTableMemory(args.vm, { ...memory, tables });
    }
    return arm64Call(this.#listening(ear, taken), name, args, this.#rules);
  }

  #listening(ear: Ear, taken: VmFacts): Arm64Machine {
    const world = this.#world;
    return {
      ...world,
      host: this.#host(ear),
      guest: vm => listening(world.guest(vm), vm, ear),
      record: page => {
        ear.readsRecord(page);
        return world.record(page);
      },
      setRecord: (page, word) => {
        ear.changesRecord(page, world.record(page));
        world.setRecord(page, word);
      },
      isMappedAtEl2: page => world.isMappedAtEl2(page),
      setMappedAtEl2: (page, isMapped) => {
        ear.changesMapped(page, world.isMappedAtEl2(page));
        world.setMappedAtEl2(page, isMapped);
      },
      vm: id => {
        const vm = world.vm(id);
        if (vm === undefined) return undefined;
        const { isProtected = vm.isProtected, isDying = vm.isDying } = taken;
        return {
          ...vm,
          get isProtected() {
            ear.asks('isProtected');
            return isProtected;
          },
          get isDying() {
            ear.asks('isDying');
            return isDying;
          },
        };
      },
      memcache: vm => {
        ear.asks('memcache');
        return world.memcache(vm);
      },
    };
  }

  /** Whether a page of its own is mapped already decides nothing; who has a page that is not its own does. */
  #host(ear: Ear): Arm64Table {
    const table = listening(this.#world.host, 'host', ear);
    const isHosts = (page: bigint): boolean =>
      arm64RecordOf(this.#world.record(page)).host !== Arm64PageState.NOPAGE;
    return {
      ...table,
      leaf: address => (isHosts(address) ? this.#world.host.leaf(address) : table.leaf(address)),
    };
  }

  memory(vm: number): Memory {
    return this.#world.tableMemory(vm);
  }

  at(place: Place): Held {
    if (place.kind === 'record') return { word: this.#world.record(place.address) };
    if (place.kind === 'el2') return { word: BigInt(this.#world.isMappedAtEl2(place.address)) };
    const { word, level } = this.#table(place.table).leaf(place.address);
    return { word, level };
  }

  leaves(table: CountedTable, start: bigint, size: bigint): Iterable<LeafSpan> {
    return spans(this.#table(table), start, size);
  }

  #table(table: CountedTable): Stage2Radix {
    return table === 'host' ? this.#world.host : this.#world.guest(table);
  }

  put(place: Place, { word, level = 3 }: Held): void {
    if (place.kind === 'record') this.#world.setRecord(place.address, word);
    else if (place.kind === 'el2') this.#world.setMappedAtEl2(place.address, word !== 0n);
    else this.#table(place.table).place(place.address, asLevel(level), word, true);
  }

  pageOf({ start, word, level = 3 }: LeafSpan): bigint | undefined {
    const { isValid, phys } = stage2Value(word);
    return isValid ? phys + (start % (PAGE * 512n ** BigInt(3 - level))) : undefined;
  }

  recordWith(word: bigint, fields: Readonly<Record<string, number>>): bigint {
    const known = recordFields.filter(name => fields[name] !== undefined);
    return arm64Record(word, Object.fromEntries(known.map(name => [name, fields[name]])));
  }

  show(place: Place, { word, level }: Held): string {
    if (place.kind === 'record') return showArm64Record(word);
    if (place.kind === 'el2') return word === 0n ? 'not mapped' : 'mapped';
    const at = level === undefined ? '' : ` at level ${level}`;
    return `${addressHex(word)}${at} (${showStage2Leaf(word)})`;
  }

  agrees(place: Place, seen: Held, held: Held): boolean {
    const isSame = seen.word === held.word && (seen.level === undefined || seen.level === held.level);
    // a page of the host's own that a fault of the host has mapped since
    const isLazy = place.kind === 'leaf' && place.table === 'host' && held.word === 0n;
    return isSame || (isLazy && seen.word === arm64HostLeaf(place.address));
  }

  ruleAt(
    at: string,
    name: string,
    outcome: CountedOutcome,
    args: CallArguments,
  ): ReturnType<typeof arm64RuleAt> {
    if (!isName(name)) throw new RangeError(`no operation is called ${name}`);
    return arm64RuleAt(at, name, outcome, arm64CallOf(this.#world, this.#rules.columns, args));
  }
}
