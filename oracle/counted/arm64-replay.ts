import { addressHex } from '../../model/bits/index.ts';
import {
  arm64Call,
  arm64CallOf,
  arm64Record,
  arm64RecordOf,
  type Arm64Rules,
  arm64RulesOf,
  type Arm64World,
  createArm64World,
  hasOperation,
  showArm64Record,
  showStage2Leaf,
  type Stage2LeafLevel,
  type Stage2Radix,
} from '../../model/pkvm/counted/arm64/index.ts';
import { BUG, type CountedOutcome } from '../../model/pkvm/counted/index.ts';
import {
  arm64Recorded,
  type Arm64RecordedCall,
  type Arm64RecordedLeaf,
  type Arm64RecordedPage,
  type Arm64Sequence,
  type Arm64VmName,
  arm64VmNames,
} from '../../evidence/records/arm64-live.ts';
import { Arm64Knowledge } from './arm64-knowledge.ts';
import { arm64RuleAt } from './arm64-rules.ts';
import type { Arm64Implementation } from './implementation.ts';
import { resultText } from './text.ts';
import type { CallVerdict, CountedDifference } from './verdict.ts';

const PAGE = 0x1000n;
const idOf = (name: Arm64VmName): number => arm64VmNames.indexOf(name);
/** More pages than any call takes: how many the pool of a VM holds is in no recording. */
const ENOUGH = 1024;

const differs = (at: string, observed: string, allowed: string): CountedDifference => ({
  at,
  observed,
  allowed,
});
const leafText = ({ word, level }: { word: bigint; level: Stage2LeafLevel }): string =>
  `${addressHex(word)} at level ${level} (${showStage2Leaf(word)})`;
/** A record as recordings compare those of pages outside the sequence: states and count only. */
const withoutReferences = (word: bigint): bigint => arm64Record(word, { refcount: 0 });

/** Which VM was made first, and so has the first handle: `pn` says the protected one. */
const handleOf = (run: string, name: Arm64VmName): number =>
  arm64Recorded.firstHandle + (run.startsWith('p') === (name === 'P') ? 0 : 1);

/** One run of recordings: sequences made one after the other on one machine that was never started anew. */
export class Arm64Replay {
  readonly #world: Arm64World;
  readonly #rules: Arm64Rules;
  readonly #knowledge = new Arm64Knowledge();
  #sequence: Arm64Sequence;
  /** What was last observed of each page and leaf. */
  readonly #before = new Map<string, Arm64RecordedPage>();
  readonly #leafBefore = new Map<string, Arm64RecordedLeaf>();
  readonly #tables = { N: 0, P: 0 };
  readonly #memcache = { N: 0, P: 0 };

  constructor(sequence: Arm64Sequence, { columns }: Arm64Implementation) {
    this.#sequence = sequence;
    this.#rules = arm64RulesOf(columns);
    this.#world = createArm64World({
      memblocks: arm64Recorded.memblocks,
      physicalBits: sequence.ipa_bits,
      ipaBits: sequence.ipa_bits,
      hasXnx: !arm64Recorded.withoutXnx.some(cpu => cpu === sequence.cpu),
      vms: arm64VmNames.map(name => ({
        id: idOf(name),
        isProtected: name === 'P',
        handle: handleOf(sequence.run, name),
        isDying: false,
      })),
    });
    const { start, end } = arm64Recorded.hypPool;
    for (let page = start; page < end; page += PAGE)
      this.#world.setRecord(page, arm64Record(0n, { host: 3, hyp: 0, refcount: 1 }));
  }

  start(sequence: Arm64Sequence): void {
    this.#sequence = sequence;
    this.#world.journal.forget();
    const { pages, guests, memcache, tables } = sequence.init;
    for (const [name, observed] of Object.entries(pages)) this.#adoptPage(name, observed);
    for (const name of arm64VmNames) {
      for (const [at, leaf] of guests[name].entries()) this.#adoptLeaf(name, at, leaf);
      this.#memcache[name] = memcache[name];
      this.#tables[name] = tables[name];
    }
  }

  /** Holds one call against the rules, and goes on from what was observed. */
  judge(call: Arm64RecordedCall): CallVerdict {
    if (!hasOperation(this.#rules.columns, call.name)) return this.#absent(call);
    const before = this.#world.journal.mark();
    this.#knowledge.forgetCall();
    for (const name of arm64VmNames) {
      const tables = this.#tables[name];
      this.#world.setTableMemory(idOf(name), { memcache: this.#memcache[name], pool: ENOUGH, tables });
    }
    const { outcome, differences } = this.#attempt(call);
    const verdict = this.#verdict(call, outcome, differences);
    if (differences.length > 0 || call.result === BUG) this.#world.journal.back(before);
    this.#adopt(call);
    return verdict;
  }

  /** A call of a function that the revision has not. */
  #absent(call: Arm64RecordedCall): CallVerdict {
    const { source } = arm64RuleAt('ret', call.name, { rule: 'complete' }, this.#context(call));
    this.#adopt(call);
    return {
      verdict: 'forbidden',
      operation: call.name,
      rule: { name: 'operation', says: 'only functions that the revision has are called', source },
      why: 'it has not',
      differences: [differs('op', call.name, 'no such function')],
    };
  }

  #context(call: Arm64RecordedCall): ReturnType<typeof arm64CallOf> {
    const args = { ...call.args, vm: call.vm === undefined ? undefined : idOf(call.vm) };
    return arm64CallOf(this.#world, this.#rules.columns, args);
  }

  #attempt(call: Arm64RecordedCall): {
    readonly outcome: CountedOutcome;
    readonly differences: readonly CountedDifference[];
  } {
    const args = { ...call.args, vm: call.vm === undefined ? undefined : idOf(call.vm) };
    const outcome = arm64Call(this.#knowledge.listening(this.#world), call.name, args, this.#rules);
    const differences: CountedDifference[] = [];
    if (call.result !== outcome.result)
      differences.push(differs('ret', resultText(call.result), resultText(outcome.result)));
    if (call.result !== BUG && outcome.result !== BUG)
      differences.push(
        ...this.#pageDifferences(call),
        ...this.#guestDifferences(call),
        ...this.#outsideDifferences(call),
        ...this.#wipeDifferences(call, outcome),
      );
    return { outcome, differences };
  }

  #verdict(
    call: Arm64RecordedCall,
    outcome: CountedOutcome,
    differences: readonly CountedDifference[],
  ): CallVerdict {
    const [first] = differences;
    const { guessed } = this.#knowledge;
    const rule = arm64RuleAt(first?.at ?? 'ret', call.name, outcome, this.#context(call));
    const told = { operation: call.name, rule, why: outcome.why, differences };
    if (first === undefined) return { ...told, verdict: 'allowed' };
    return guessed.length > 0
      ? { ...told, verdict: 'unknown', why: `nobody has observed ${guessed.slice(0, 3).join(', ')}` }
      : { ...told, verdict: 'forbidden' };
  }

  /** What was observed of a page after the call: what changed, or what was there before. */
  #observedPage(name: string, call: Arm64RecordedCall): Arm64RecordedPage | undefined {
    const changed = call.changes[name];
    return typeof changed === 'object' && 'record' in changed ? changed : undefined;
  }

  *#pageDifferences(call: Arm64RecordedCall): Generator<CountedDifference> {
    const { world } = this.#sequence;
    for (const [name, pfn] of Object.entries(world)) {
      const page = pfn * PAGE;
      const held = this.#heldPage(page);
      const before = this.#before.get(name);
      const observed = this.#observedPage(name, call) ?? before;
      if (observed === undefined) continue;
      const seen = arm64Record(held.record, observed.record);
      if (seen !== held.record)
        yield differs(`record ${name}`, showArm64Record(seen), showArm64Record(held.record));
      if (observed.leaf.word !== held.leaf.word || observed.leaf.level !== held.leaf.level)
        yield differs(`host ${name}`, leafText(observed.leaf), leafText(held.leaf));
      if (observed.isMappedAtEl2 !== held.isMappedAtEl2)
        yield differs(`el2 ${name}`, mappedText(observed.isMappedAtEl2), mappedText(held.isMappedAtEl2));
    }
  }

  #heldPage(page: bigint): {
    readonly record: bigint;
    readonly leaf: { word: bigint; level: Stage2LeafLevel };
    readonly isMappedAtEl2: boolean;
  } {
    const { word, level } = this.#world.host.leaf(page);
    return {
      record: this.#world.record(page),
      leaf: { word, level },
      isMappedAtEl2: this.#world.isMappedAtEl2(page),
    };
  }

  *#guestDifferences(call: Arm64RecordedCall): Generator<CountedDifference> {
    for (const name of arm64VmNames) {
      for (const [at, gfn] of this.#sequence.gfn.entries()) {
        const changed = call.changes[`${name}${at}`];
        const observed =
          typeof changed === 'object' && 'word' in changed ? changed : this.#leafBefore.get(`${name}${at}`);
        const held = this.#world.guest(idOf(name)).leaf(gfn * PAGE);
        if (observed !== undefined && (observed.word !== held.word || observed.level !== held.level))
          yield differs(`guest ${name} 0x${gfn.toString(16)}`, leafText(observed), leafText(held));
      }
      yield* this.#memoryDifferences(call, name);
    }
  }

  /** Pages of the pool are taken first, and nobody counts them: the memcache may give all, some or none. */
  *#memoryDifferences(call: Arm64RecordedCall, name: Arm64VmName): Generator<CountedDifference> {
    const { tables, memcache } = this.#world.tableMemory(idOf(name));
    const seenTables = call.changes[`t${name}`] ?? this.#tables[name];
    const seenMemcache = call.changes[`mc${name}`] ?? this.#memcache[name];
    if (seenTables !== tables) yield differs(`tables of ${name}`, String(seenTables), String(tables));
    const made = Math.max(0, tables - this.#tables[name]);
    if (typeof seenMemcache === 'number' && (seenMemcache > memcache || seenMemcache < memcache - made))
      yield differs(`memcache of ${name}`, String(seenMemcache), `${memcache - made} to ${memcache}`);
  }

  *#outsideDifferences(call: Arm64RecordedCall): Generator<CountedDifference> {
    const observed = outsidePages(call);
    const inside = new Set(Object.values(this.#sequence.world).map(pfn => pfn * PAGE));
    const changed = [...this.#knowledge.changed].filter(([page]) => !inside.has(page));
    for (const [page, before] of changed) {
      const after = withoutReferences(this.#world.record(page));
      const seen = observed.get(page) ?? before;
      if (withoutReferences(seen) !== after)
        yield differs(`record ${addressHex(page)}`, showArm64Record(seen), showArm64Record(after));
      observed.delete(page);
    }
    for (const [page, seen] of observed) {
      const held = this.#world.record(page);
      if (withoutReferences(seen) !== withoutReferences(held))
        yield differs(`record ${addressHex(page)}`, showArm64Record(seen), showArm64Record(held));
    }
  }

  /**
   * Under hVHE the emulator of the recordings wipes the wrong page: facts/arm64-record.md 4. Then only that there was
   * something to wipe can be held.
   */
  *#wipeDifferences({ wiped }: Arm64RecordedCall, outcome: CountedOutcome): Generator<CountedDifference> {
    const { world, mode } = this.#sequence;
    const names = Object.entries(world);
    const wipes = outcome.wipes.flatMap(({ start }) =>
      names.filter(([, pfn]) => pfn * PAGE === start).map(([name]) => name),
    );
    const isExact = mode !== 'hVHE';
    const isWrong = isExact
      ? wiped.join() !== wipes.join()
      : wiped.length > 0 && outcome.wipes.length === 0;
    if (isWrong) yield differs('wipe', wiped.join(', ') || 'none', wipes.join(', ') || 'none');
  }

  #adopt(call: Arm64RecordedCall): void {
    for (const [page, word] of outsidePages(call)) {
      const { refcount } = arm64RecordOf(this.#world.record(page));
      this.#world.setRecord(page, arm64Record(word, { refcount }));
      this.#knowledge.seenStates(page);
    }
    for (const [name, value] of Object.entries(call.changes)) {
      const [, what = '', at = ''] = /^(mc|t|[A-Z])(.*)$/.exec(name) ?? [];
      const vm = arm64VmNames.find(known => known === what || known === at);
      if (typeof value === 'number') {
        if (vm !== undefined) (what === 'mc' ? this.#memcache : this.#tables)[vm] = value;
      } else if (value !== undefined && 'record' in value) this.#adoptPage(name, value);
      else if (value !== undefined && vm !== undefined) this.#adoptLeaf(vm, Number(at), value);
    }
  }

  #adoptPage(name: string, observed: Arm64RecordedPage | undefined): void {
    const pfn = this.#sequence.world[name];
    if (pfn === undefined || observed === undefined) return;
    const page = pfn * PAGE;
    this.#knowledge.seenPage(page);
    this.#before.set(name, observed);
    const word = arm64Record(this.#world.record(page), observed.record);
    if (word !== this.#world.record(page)) this.#world.setRecord(page, word);
    if (this.#world.isMappedAtEl2(page) !== observed.isMappedAtEl2)
      this.#world.setMappedAtEl2(page, observed.isMappedAtEl2);
    placeWhereDifferent(this.#world.host, page, observed.leaf);
  }

  #adoptLeaf(name: Arm64VmName, at: number, observed: Arm64RecordedLeaf): void {
    const gfn = this.#sequence.gfn[at];
    if (gfn === undefined) return;
    this.#knowledge.seenFrame(idOf(name), gfn * PAGE);
    this.#leafBefore.set(`${name}${at}`, observed);
    placeWhereDifferent(this.#world.guest(idOf(name)), gfn * PAGE, observed);
  }
}

const mappedText = (isMapped: boolean): string => (isMapped ? 'mapped' : 'not mapped');

function placeWhereDifferent(
  table: Stage2Radix,
  address: bigint,
  { word, level }: Arm64RecordedLeaf,
): void {
  const held = table.leaf(address);
  if (held.word !== word || held.level !== level) table.place(address, level, word, true);
}

/** The pages outside the sequence that changed, with their records afterwards. */
function outsidePages({ outside }: Arm64RecordedCall): Map<bigint, bigint> {
  const pages = new Map<bigint, bigint>();
  let last: { readonly pfn: bigint; readonly after: bigint } | undefined;
  for (const entry of outside) {
    if ('pfn' in entry) {
      pages.set(entry.pfn * PAGE, entry.after);
      last = entry;
    } else if (last !== undefined) {
      // as many pages as are left out, all like the one before them
      const shown = outside.length - 1;
      for (let at = 1n; at <= BigInt(entry.pages - shown); at++)
        pages.set((last.pfn + at) * PAGE, last.after);
    }
  }
  return pages;
}
