import { Arm64PageState } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import { CallGenerator, type CallWorld } from '../../live/by-hand/generate.ts';
import {
  type HandCall,
  handFunctions,
  type HandOperation,
  type HandPointers,
  isOfVm,
  registersOf,
  returnsNothing,
} from '../../live/by-hand/hand-calls.ts';
import {
  changesJson,
  initJson,
  observe,
  type ObservedState,
  type ObservedWorld,
} from '../../live/by-hand/observer.ts';
import { arm64RecordSchema } from '../../records/arm64-live.ts';
import type { GdbClient } from './gdb-client.ts';
import type { Hypervisor } from './hypervisor.ts';

/** Reads what a computation asks for of the machine that stands still. */
export type Look = <T>(compute: (memory: PhysicalMemory) => T) => Promise<T>;

/** What is asked of a hypervisor: that its functions can be called by hand, and its memory be read and written. */
export type CalledByHand = Pick<Hypervisor, 'byHand' | 'addressOf'> & {
  readonly gdb: Pick<GdbClient, 'readPhysical' | 'writePhysical'>;
};

/** A run of generated calls. */
export interface ConformanceOptions {
  readonly calls: number;
  readonly seed: number;
  readonly world: CallWorld;
  readonly observed: ObservedWorld;
  readonly pointers: HandPointers;
  readonly look: Look;
  /** `cpu`, `mode`, `ipa_bits`, `run` of the recording. */
  readonly machine: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal;
}

/** What came of a run: a recording, which `oracle check` reads, and whether everything is as it was. */
export interface ConformanceRun {
  readonly lines: readonly string[];
  readonly calls: number;
  readonly seconds: number;
  /** What is other than before the run; nothing where all was put back. */
  readonly left: readonly string[];
}

const callsPerSequence = 25;
const filling = 0x5a;
const pageBytes = 4096;
const sampled = Array.from({ length: 8 }, (_, at) => BigInt(at * 512));

/** Makes generated calls by hand in a hypervisor that stands at the entry of a function, and puts everything back. */
export async function makeCalls(
  hypervisor: CalledByHand,
  options: ConformanceOptions,
): Promise<ConformanceRun> {
  const { calls, look, observed, world, signal } = options;
  const start = performance.now();
  const contents = await Contents.take(hypervisor, world, look);
  const recorder = new Recorder(options, await look(memory => observe(memory, observed)));
  const first = recorder.state;
  try {
    await hypervisor.byHand(async call => {
      const run = async (one: HandCall): Promise<number> => {
        const { fn, registers } = registersOf(one, options.pointers);
        const result = await call(fn, ...registers);
        const state = await look(memory => observe(memory, observed));
        recorder.made(one, result, state, await contents.wiped());
        return result;
      };
      try {
        const generator = new CallGenerator(world, options.seed);
        const has = (op: HandOperation): boolean =>
          hypervisor.addressOf(handFunctions[op][0]) !== undefined;
        for (let at = 0; at < calls && signal?.aborted !== true; at++) {
          const one = generator.next(has);
          generator.made(one, await run(one));
        }
        await putBack(run, options, generator, () => recorder.state);
      } finally {
        recorder.close();
      }
    });
  } finally {
    await contents.putBack();
  }
  const left = differencesIn(first, recorder.state);
  const seconds = (performance.now() - start) / 1000;
  return { lines: recorder.lines, calls: recorder.calls, seconds, left };
}

/** Takes back what the calls have left: pins, frames of the guest, shares and donations. */
async function putBack(
  run: (call: HandCall) => Promise<number>,
  { world, observed }: ConformanceOptions,
  generator: CallGenerator,
  state: () => ObservedState,
): Promise<void> {
  const { OWNED, NOPAGE, SHARED_OWNED } = Arm64PageState;
  for (const [at, gfn] of observed.gfns.entries()) {
    if ((state().leaves[at]?.[0] ?? 0n) % 2n === 0n) continue;
    if (world.vm === 'N') await run({ op: 'host_unshare_guest', gfn, nr: 1n });
    else await run({ op: 'host_reclaim_page_guest', gfn });
  }
  for (const [name, pfn] of Object.entries(world.pages)) {
    while (generator.pinsOf(pfn) > 0) {
      const call: HandCall = { op: 'hyp_unpin', pfn, nr: 1n };
      generator.made(call, await run(call));
    }
    if (generator.isSharedByFfa(pfn)) await run({ op: 'host_unshare_ffa', pfn, nr: 1n });
    const [host, hyp] = state().pages.get(name) ?? [];
    if (host === NOPAGE && hyp === OWNED) await run({ op: 'hyp_donate_host', pfn, nr: 1n });
    if (host === SHARED_OWNED) await run({ op: 'host_unshare_hyp', pfn });
  }
}

/** States and counts that are other than at the start; leaves of the host may have become smaller. */
const differencesIn = (first: ObservedState, last: ObservedState): readonly string[] => [
  ...[...first.pages].flatMap(([name, before]) => {
    const after = last.pages.get(name);
    const isBack =
      before.slice(0, 4).every((value, at) => value === after?.[at]) && before[6] === after?.[6];
    return isBack ? [] : [`page ${name}`];
  }),
  ...first.leaves.flatMap(([word], at) => (word === last.leaves[at]?.[0] ? [] : [`frame ${at}`])),
];

/** What the pages hold: kept, filled with something that is seen to be wiped, and put back at the end. */
class Contents {
  readonly #hypervisor: CalledByHand;
  readonly #pages: readonly (readonly [string, bigint])[];
  readonly #look: Look;
  readonly #kept = new Map<bigint, Uint8Array>();

  private constructor(hypervisor: CalledByHand, { pages }: CallWorld, look: Look) {
    this.#hypervisor = hypervisor;
    this.#pages = Object.entries(pages).map(([name, pfn]) => [name, pfn * BigInt(pageBytes)] as const);
    this.#look = look;
  }

  static async take(hypervisor: CalledByHand, world: CallWorld, look: Look): Promise<Contents> {
    const contents = new Contents(hypervisor, world, look);
    for (const [, address] of contents.#pages) {
      const bytes = await hypervisor.gdb.readPhysical(address, pageBytes);
      if (bytes !== undefined) contents.#kept.set(address, bytes);
    }
    for (const address of contents.#kept.keys()) await contents.#fill(address);
    return contents;
  }

  #fill(address: bigint): Promise<void> {
    return this.#hypervisor.gdb.writePhysical(address, new Uint8Array(pageBytes).fill(filling));
  }

  /** The pages that the last call has changed; they are filled again. */
  async wiped(): Promise<readonly (readonly [string, 'zero' | 'changed'])[]> {
    const whole = BigInt(`0x${filling.toString(16).repeat(8)}`);
    const words = await this.#look(memory =>
      this.#pages.map(([, address]) => sampled.map(at => memory.read(address + at))),
    );
    const wiped: (readonly [string, 'zero' | 'changed'])[] = [];
    for (const [at, [name, address]] of this.#pages.entries()) {
      if (words[at]?.every(word => word === whole) !== false) continue;
      wiped.push([name, words[at].every(word => word === 0n) ? 'zero' : 'changed']);
      await this.#fill(address);
    }
    return wiped;
  }

  async putBack(): Promise<void> {
    for (const [address, bytes] of this.#kept) await this.#hypervisor.gdb.writePhysical(address, bytes);
  }
}

/** Writes the recording, some calls a line. */
class Recorder {
  readonly lines: string[] = [JSON.stringify({ schema: arm64RecordSchema })];
  readonly #options: ConformanceOptions;
  #state: ObservedState;
  #init: ObservedState;
  #made: object[] = [];
  calls = 0;

  constructor(options: ConformanceOptions, state: ObservedState) {
    this.#options = options;
    this.#state = state;
    this.#init = state;
  }

  get state(): ObservedState {
    return this.#state;
  }

  made(
    { op, ...args }: HandCall,
    result: number,
    state: ObservedState,
    wiped: readonly (readonly [string, string])[],
  ): void {
    const { observed, world } = this.#options;
    const numbers = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, Number(value)]));
    const d = changesJson(observed, this.#state, state);
    this.#made.push({
      op,
      ...numbers,
      ...(isOfVm(op) ? { vm: world.vm } : {}),
      ret: returnsNothing(op) ? null : result,
      ...(d === undefined ? {} : { d }),
      ...(wiped.length === 0 ? {} : { wiped }),
    });
    this.#state = state;
    this.calls++;
    if (this.#made.length >= callsPerSequence) this.close();
  }

  /** Ends the line that is begun. */
  close(): void {
    if (this.#made.length === 0) return;
    const { machine, observed, world } = this.#options;
    const hex = (value: bigint): string => value.toString(16);
    this.lines.push(
      JSON.stringify({
        id: this.lines.length - 1,
        ...machine,
        stopped_in: world.vm,
        world: Object.fromEntries(Object.entries(observed.pages).map(([name, pfn]) => [name, hex(pfn)])),
        gfn: observed.gfns.map(hex),
        init: initJson(observed, this.#init),
        calls: this.#made,
      }),
    );
    this.#made = [];
    this.#init = this.#state;
  }
}
