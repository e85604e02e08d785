import { addressHex } from '../../model/bits/index.ts';
import {
  BUG,
  callOf,
  countedCall,
  CountedErrno,
  type CountedOutcome,
  type CountedResult,
  type CountedRules,
  type CountedWorld,
  createWorld,
  type Level,
  PkvmPage,
  recordOf,
  rulesOf,
  showCountedLeaf,
  showRecord,
  x86Revisions,
} from '../../model/pkvm/counted/index.ts';
import type {
  RecordedCall,
  RecordedSequence,
  RecordedState,
  RecordedWorld,
} from '../../evidence/records/x86-2026.ts';
import type { X86Implementation } from './implementation.ts';
import { ruleAt } from './rules.ts';
import { flushesText, rangesText, resultText } from './text.ts';
import { isUsedSince } from './used-since.ts';
import type { CallVerdict, CountedDifference } from './verdict.ts';

type RecordedLeaf = RecordedState['mmio'][number];
type Table = CountedWorld['host'];

const PAGE = 0x1000n;
const asBuilt = rulesOf(x86Revisions.G2c);

/** The faults that stand in the newest code: where each shows, and by which result. facts/pkvm-bugs-2026.md 1. */
export const knownFaults: Readonly<
  Record<string, { readonly fault: string; readonly result: CountedResult }>
> = {
  host_donate_guest: { fault: 'B54', result: CountedErrno.ENOMEM },
  host_share_guest: { fault: 'B55', result: CountedErrno.ENOMEM },
  host_use_dma: { fault: 'B56', result: BUG },
  host_unshare_guest: { fault: 'B57', result: CountedErrno.ENOMEM },
};

/** Holds recorded sequences against the model, call by call, on one machine that is put back for each. */
export class X86Replay {
  readonly #world: RecordedWorld;
  readonly #machine: CountedWorld;
  readonly #rules: CountedRules;

  constructor(world: RecordedWorld, { columns }: X86Implementation) {
    this.#world = world;
    this.#machine = createWorld(world);
    this.#rules = rulesOf(columns);
  }

  /** Starts a sequence: what was observed before its first call is so. */
  start({ init, finalized }: RecordedSequence): void {
    this.#machine.journal.back(0);
    for (const { id, isProtected } of this.#world.vms)
      if (isProtected && finalized) this.#machine.finalize(id);
    this.#adopt(init);
  }

  /** Holds one call against the rules, and goes on from what was observed. */
  judge(call: RecordedCall): CallVerdict {
    const { journal } = this.#machine;
    const before = journal.mark();
    const made = this.#attempt(call, this.#rules);
    const verdict = this.#verdict(call, made.outcome, made.differences);
    if (made.differences.length > 0 || call.result === BUG) journal.back(before);
    const known = this.#known(call, made.differences, before);
    this.#adopt(call.state);
    return known === undefined ? verdict : { ...verdict, known };
  }

  /** The known fault that makes exactly these differences: the code as built explains the call. */
  #known(
    call: RecordedCall,
    differences: readonly CountedDifference[],
    before: number,
  ): string | undefined {
    const known = knownFaults[call.name];
    if (differences.length === 0 || known === undefined || call.result !== known.result) return undefined;
    const built = this.#attempt(call, asBuilt);
    const isExplained = built.differences.length === 0;
    if (!isExplained || call.result === BUG) this.#machine.journal.back(before);
    return isExplained ? known.fault : undefined;
  }

  #attempt(
    call: RecordedCall,
    rules: CountedRules,
  ): { readonly outcome: CountedOutcome; readonly differences: readonly CountedDifference[] } {
    const { vm } = call.args;
    if (vm !== undefined && call.memory !== undefined) this.#machine.setTableMemory(vm, call.memory);
    const outcome = countedCall(this.#machine, call.name, call.args, rules);
    // The recordings make a VM of the same number again, with a firmware that is settled.
    if (call.name === 'vm_teardown' && vm !== undefined) this.#machine.finalize(vm);
    const differences = [...resultDifferences(call, outcome)];
    if (call.result !== BUG && outcome.result !== BUG)
      differences.push(...effectDifferences(call, outcome), ...this.#stateDifferences(call));
    return { outcome, differences };
  }

  #verdict(
    call: RecordedCall,
    outcome: CountedOutcome,
    differences: readonly CountedDifference[],
  ): CallVerdict {
    const [first] = differences;
    const context = callOf(this.#machine, this.#rules.columns, call.args);
    return {
      verdict: first === undefined ? 'allowed' : 'forbidden',
      operation: call.name,
      rule: ruleAt(first?.at ?? 'ret', call.name, outcome, context),
      why: outcome.why,
      differences,
    };
  }

  *#stateDifferences({ args, state }: RecordedCall): Generator<CountedDifference> {
    const { pages, mmio, gpas, vms } = this.#world;
    for (const [at, page] of pages.entries()) {
      const observed = state.pages[at];
      if (observed === undefined) continue;
      const word = this.#machine.record(page);
      const seen = PkvmPage.encode({ ...observed.record, order: recordOf(word).order });
      if (seen !== word) yield differs(`record ${addressHex(page)}`, showRecord(seen), showRecord(word));
      yield* leafDifferences(`host ${addressHex(page)}`, this.#machine.host, page, observed.leaf);
    }
    for (const [at, page] of mmio.entries())
      yield* leafDifferences(`host ${addressHex(page)}`, this.#machine.host, page, state.mmio[at]);
    for (const [of, { id }] of vms.entries()) {
      for (const [at, gpa] of gpas.entries()) {
        const name = `guest ${id} ${addressHex(gpa)}`;
        yield* leafDifferences(name, this.#machine.guest(id), gpa, state.guests[of]?.[at]);
      }
      const observed = state.memory[of];
      if (id !== args.vm || observed === undefined) continue;
      const { memcache, pool } = this.#machine.tableMemory(id);
      if (memcache !== observed.memcache || pool !== observed.pool)
        yield differs(`memory of VM ${id}`, memoryText(observed), memoryText({ memcache, pool }));
    }
  }

  /** What was observed becomes so, where it is not. */
  #adopt({ pages, mmio, guests, memory }: RecordedState): void {
    const { host } = this.#machine;
    for (const [at, page] of this.#world.pages.entries()) {
      const observed = pages[at];
      if (observed === undefined) continue;
      const word = PkvmPage.with(this.#machine.record(page), observed.record);
      if (word !== this.#machine.record(page)) this.#machine.setRecord(page, word);
      adoptLeaf(host, page, observed.leaf);
    }
    for (const [at, page] of this.#world.mmio.entries()) adoptLeaf(host, page, mmio[at]);
    for (const [of, { id }] of this.#world.vms.entries()) {
      const table = this.#machine.guest(id);
      for (const [at, gpa] of this.#world.gpas.entries()) adoptLeaf(table, gpa, guests[of]?.[at]);
      const pagesLeft = memory[of];
      if (pagesLeft !== undefined) this.#machine.setTableMemory(id, pagesLeft);
    }
  }
}

const differs = (at: string, observed: string, allowed: string): CountedDifference => ({
  at,
  observed,
  allowed,
});

const memoryText = ({ memcache, pool }: { memcache: number; pool: number }): string =>
  `${memcache} in the memcache, ${pool} in the pool`;

function* resultDifferences(call: RecordedCall, outcome: CountedOutcome): Generator<CountedDifference> {
  if (call.result !== outcome.result)
    yield differs('ret', resultText(call.result), resultText(outcome.result));
  else if (call.result === BUG && call.bugIn !== undefined && call.bugIn !== outcome.bugIn)
    yield differs('bug_in', call.bugIn, outcome.bugIn ?? 'no panic');
}

function* effectDifferences(call: RecordedCall, outcome: CountedOutcome): Generator<CountedDifference> {
  const [seenFlushes, flushes] = [flushesText(call.flushes), flushesText(outcome.flushes)];
  if (seenFlushes !== flushes) yield differs('flush', seenFlushes, flushes);
  const [seenWipes, wipes] = [rangesText(call.wipes), rangesText(outcome.wipes)];
  if (seenWipes !== wipes) yield differs('wipe', seenWipes, wipes);
  if (call.warnings !== outcome.warnings)
    yield differs('warn', String(call.warnings), String(outcome.warnings));
  if (call.needMemcache !== outcome.needMemcache)
    yield differs('need_mc', String(call.needMemcache ?? 'none'), String(outcome.needMemcache ?? 'none'));
}

function leafAt(table: Table, address: bigint): { readonly word: bigint; readonly level: Level } {
  const [leaf] = table.leaves({ start: address, size: PAGE });
  return leaf ?? { word: 0n, level: 1 };
}

const leafText = ({ word, level }: { word: bigint; level: Level }): string =>
  `${addressHex(word)} at level ${level} (${showCountedLeaf(word)})`;

function* leafDifferences(
  at: string,
  table: Table,
  address: bigint,
  observed: RecordedLeaf | undefined,
): Generator<CountedDifference> {
  if (observed === undefined) return;
  const held = leafAt(table, address);
  const isSame = held.word === observed.word || isUsedSince(observed.word, held.word);
  if (!isSame || held.level !== observed.level) yield differs(at, leafText(observed), leafText(held));
}

function adoptLeaf(table: Table, address: bigint, observed: RecordedLeaf | undefined): void {
  if (observed === undefined) return;
  const held = leafAt(table, address);
  if (held.word !== observed.word || held.level !== observed.level)
    table.place(address, observed.level, observed.word);
}
