import { addressHex } from '../../../model/bits/index.ts';
import {
  callOf,
  countedCall,
  type CountedMachine,
  countedOperationNames,
  type CountedOperationName,
  countedOperations,
  type CountedOutcome,
  type CountedRules,
  type CountedWorld,
  createWorld,
  leafValue,
  type LeafTable,
  type Level,
  type Operation,
  PkvmPage,
  recordOf,
  rulesOf,
  showCountedLeaf,
  showRecord,
} from '../../../model/pkvm/counted/index.ts';
import type { X86Implementation } from '../implementation.ts';
import { ruleAt } from '../rules.ts';
import { isUsedSince } from '../used-since.ts';
import { x86Rules } from '../x86-format.ts';
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

const isName = (name: string): name is CountedOperationName =>
  countedOperationNames.some(known => known === name);

const levelOf: Readonly<Record<string, Level>> = { '4096': 1, '2097152': 2, '1073741824': 3 };
const asLevel = (level: number): Level => {
  if (level === 1 || level === 2 || level === 3 || level === 4 || level === 5) return level;
  throw new RangeError(`a table has no level ${level}`);
};

/** Every page that nobody said anything about passes for RAM. */
const everything = { start: 0n, end: 1n << 42n };

const recordFields = ['refcount', 'hostState', 'owner', 'hypShares', 'guestShares'] as const;

/** The table, with an ear on what is read and changed of it. */
function listening(table: LeafTable, name: CountedTable, ear: Ear): LeafTable {
  const changes = (start: bigint, size: bigint): void => {
    ear.changesLeaves(name, start, size, () => table.leaves({ start, size }));
  };
  return {
    end: table.end,
    leaves: range => {
      ear.readsLeaves(name, range.start, range.size);
      return table.leaves(range);
    },
    map: (range, ...rest) => {
      changes(range.start, range.size);
      return table.map(range, ...rest);
    },
    annotate: (range, owner) => {
      changes(range.start, range.size);
      return table.annotate(range, owner);
    },
    unmap: range => {
      changes(range.start, range.size);
      return table.unmap(range);
    },
    markOld: range => {
      changes(range.start, range.size);
      table.markOld(range);
    },
    canMap: (range, ...rest) => {
      ear.readsLeaves(name, range.start, range.size);
      return table.canMap(range, ...rest);
    },
    canUnmap: ranges => {
      for (const { start, size } of ranges) ear.readsLeaves(name, start, size);
      return table.canUnmap(ranges);
    },
  };
}

function worldOf({ ram, hypervisor, pageSizes }: CountedMachineFacts): CountedWorld {
  const sizes = pageSizes ?? [0x1000n, 0x20_0000n, 0x4000_0000n];
  return createWorld({
    memblocks: ram === 'any' ? [everything] : ram,
    reserved: hypervisor,
    leafLevels: sizes.map(size => levelOf[String(size)] ?? 1),
    vms: [],
  });
}

/** The x86 code that counts, as a machine that is asked call by call. */
export class X86Model implements CountedModel {
  readonly observes = ['flushes'] as const;
  readonly guessed = [] as const;
  readonly names = countedOperationNames;
  readonly #implementation: X86Implementation;
  readonly #rules: CountedRules;
  readonly #world: CountedWorld;

  constructor(implementation: X86Implementation, machine: CountedMachineFacts | CountedWorld) {
    this.#implementation = implementation;
    this.#rules = rulesOf(implementation.columns);
    this.#world = 'journal' in machine ? machine : worldOf(machine);
  }

  shapeOf(name: string): OperationShape | undefined {
    return isName(name) ? (countedOperations[name] satisfies Operation) : undefined;
  }

  rules(): ReadonlyMap<string, readonly string[]> {
    return x86Rules(this.#implementation);
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
  addVm({ id, isProtected = false }: CountedGuest): void {
    this.#world.addVm({ id, isProtected });
  }

  call(
    name: string,
    args: CallArguments,
    { vm: taken, memory }: { readonly vm: VmFacts; readonly memory: Memory },
    ear: Ear,
  ): CountedOutcome {
    if (!isName(name)) throw new RangeError(`no operation is called ${name}`);
    if (args.vm !== undefined) this.#world.setTableMemory(args.vm, memory);
    return countedCall(this.#listening(ear, taken), name, args, this.#rules);
  }

  #listening(ear: Ear, taken: VmFacts): CountedMachine {
    const world = this.#world;
    const host = listening(world.host, 'host', ear);
    return {
      ...world,
      host,
      guest: vm => listening(world.guest(vm), vm, ear),
      record: page => {
        ear.readsRecord(page);
        return world.record(page);
      },
      setRecord: (page, word) => {
        ear.changesRecord(page, world.record(page));
        world.setRecord(page, word);
      },
      vm: id => {
        const vm = world.vm(id);
        if (vm === undefined) return undefined;
        const { isProtected = vm.isProtected, isFinalized = vm.isFinalized } = taken;
        return {
          ...vm,
          get isProtected() {
            ear.asks('isProtected');
            return isProtected;
          },
          get isFinalized() {
            ear.asks('isFinalized');
            return isFinalized;
          },
        };
      },
      memcache: vm => {
        ear.asks('memcache');
        return world.memcache(vm);
      },
      freeTables: vm => {
        const table = world.guest(vm);
        ear.changesLeaves(vm, 0n, table.end, () => table.leaves({ start: 0n, size: table.end }));
        world.freeTables(vm);
      },
    };
  }

  memory(vm: number): Memory {
    return this.#world.tableMemory(vm);
  }

  at(place: Place): Held {
    if (place.kind === 'record') return { word: this.#world.record(place.address) };
    if (place.kind === 'el2') return { word: 0n };
    const [leaf] = this.leaves(place.table, place.address, 0x1000n);
    return leaf === undefined ? { word: 0n, level: 1 } : { word: leaf.word, level: leaf.level };
  }

  *leaves(table: CountedTable, start: bigint, size: bigint): Generator<LeafSpan & { level: Level }> {
    yield* this.#table(table).leaves({ start, size });
  }

  #table(table: CountedTable): CountedWorld['host'] {
    return table === 'host' ? this.#world.host : this.#world.guest(table);
  }

  put(place: Place, { word, level = 1 }: Held): void {
    if (place.kind === 'record') this.#world.setRecord(place.address, word);
    if (place.kind === 'leaf') this.#table(place.table).place(place.address, asLevel(level), word);
  }

  pageOf({ start, word, level = 1 }: LeafSpan): bigint | undefined {
    const { isPresent, page } = leafValue(word);
    return isPresent ? page + (start % (0x1000n * 512n ** BigInt(level - 1))) : undefined;
  }

  /** The same machine, held against another revision. */
  under(implementation: X86Implementation): X86Model {
    return new X86Model(implementation, this.#world);
  }

  recordWith(word: bigint, fields: Readonly<Record<string, number>>): bigint {
    const known = recordFields.filter(name => fields[name] !== undefined);
    return PkvmPage.with(word, Object.fromEntries(known.map(name => [name, fields[name]])));
  }

  show(place: Place, { word, level }: Held): string {
    if (place.kind === 'record') return showRecord(word);
    const at = level === undefined ? '' : ` at level ${level}`;
    return `${addressHex(word)}${at} (${showCountedLeaf(word)})`;
  }

  agrees({ kind }: Place, seen: Held, held: Held): boolean {
    // the order of a page is for the pool of pages alone
    if (kind === 'record')
      return PkvmPage.with(seen.word, { order: recordOf(held.word).order }) === held.word;
    const isSame = seen.word === held.word || isUsedSince(seen.word, held.word);
    return isSame && (seen.level === undefined || seen.level === held.level);
  }

  ruleAt(
    at: string,
    name: string,
    outcome: CountedOutcome,
    args: CallArguments,
  ): ReturnType<typeof ruleAt> {
    if (!isName(name)) throw new RangeError(`no operation is called ${name}`);
    return ruleAt(at, name, outcome, callOf(this.#world, this.#rules.columns, args));
  }
}
