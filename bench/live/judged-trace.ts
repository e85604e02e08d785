import type { PkvmCall } from '../../evidence/live/index.ts';
import {
  changesJson,
  initJson,
  observe,
  type ObservedState,
  type ObservedWorld,
} from '../../evidence/live/by-hand/observer.ts';
import { guestTableIn, memcacheIn } from '../../evidence/live/by-hand/vcpu.ts';
import { guestLeafOf, type WitnessPlaces } from '../../evidence/live/by-hand/witness.ts';
import type { Look } from '../../evidence/node/live/conformance.ts';
import { machineOf, placesOf, runNamed } from '../../evidence/node/live/conformance-setup.ts';
import type { Hypervisor, PkvmEntry } from '../../evidence/node/live/hypervisor.ts';
import { arm64Recorded, arm64RecordSchema } from '../../evidence/records/arm64-live.ts';
import { Stage2Page, type Stage2 } from '../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import { arm64OperationNames } from '../../model/pkvm/counted/arm64/index.ts';
import type { RecordingReport } from '../../oracle/counted/index.ts';
import { judgedLines } from './judged-lines.ts';
import type { Stop } from './lives.ts';

const pageBytes = 4096n;
/** The longest range of which every page is looked at. */
const longestRange = 64n;

/** A call that is under way, with what was seen where it began. */
interface Pending {
  readonly fn: string;
  readonly op: string;
  readonly world: ObservedWorld;
  readonly before: ObservedState;
  readonly page: PageContent | undefined;
}

/** A page that the call may wipe, and whether it holds nothing already. */
interface PageContent {
  readonly name: string;
  readonly pfn: bigint;
  readonly isZero: boolean;
  readonly isOwned: boolean;
}

/**
 * Observes the calls that the lives make by themselves: the pages and frames that each names, where it begins and where it
 * has returned. Each becomes a line of a recording, which the oracle judges.
 */
export class JudgedTrace {
  readonly #look: Look;
  readonly #isObserved: boolean;
  readonly #lines: string[] = [];
  readonly #pending: Pending[] = [];
  #machine: { readonly cpu: string; readonly mode: string } | undefined;
  #places: (WitnessPlaces & { readonly vtcr: bigint }) | undefined;

  /** @param isObserved whether the kernel's states lie where they are looked for, in hyp_vmemmap */
  constructor(look: Look, isObserved: boolean) {
    this.#look = look;
    this.#isObserved = isObserved;
  }

  async entered({ entered: fn, args }: PkvmEntry, { hypervisor, phase }: Stop): Promise<void> {
    const op = arm64OperationNames.find(name => fn === `__pkvm_${name}`);
    if (op === undefined || !this.#isObserved) return;
    this.#machine ??= await machineOf(hypervisor);
    this.#places ??= await placesOf(hypervisor);
    const places = this.#places;
    const vm = phase.startsWith('normal') ? 'N' : 'P';
    const pending = await this.#look((memory): Pending => {
      const world = worldOf(memory, hypervisor, { args, vm, places });
      const before = observe(memory, world);
      const page = op === 'host_reclaim_page_guest' ? contentOf(memory, world, before) : undefined;
      return { fn, op, world, before, page };
    });
    this.#pending.push(pending);
  }

  async returned({ fn, args, ret }: PkvmCall): Promise<void> {
    const pending = this.#pending.at(-1);
    if (pending?.fn !== fn) return;
    this.#pending.pop();
    const { op, world, before, page } = pending;
    const { after, isZero } = await this.#look(memory => ({
      after: observe(memory, world),
      isZero: page !== undefined && holdsNothing(memory, page.pfn),
    }));
    // a page of zeros that stays one does not say whether it was wiped: then nothing is held against the call
    const isWiped = page !== undefined && isZero && (page.isZero ? page.isOwned && ret === 0 : true);
    const d = changesJson(world, before, after);
    const { vcpu: _vcpu, vm: _vm, ...given } = args;
    const numbers = Object.entries(given).map(([name, value]) => [name, Number(value)] as const);
    const call = {
      op,
      ...Object.fromEntries(numbers),
      ...(op.includes('guest') ? { vm: world.vm } : {}),
      ret,
      ...(d === undefined ? {} : { d }),
      ...(isWiped ? { wiped: [[page.name, 'zero']] } : {}),
    };
    this.#lines.push(this.#line(world, before, call));
  }

  #line(world: ObservedWorld, before: ObservedState, call: object): string {
    const hex = (value: bigint): string => value.toString(16);
    return JSON.stringify({
      id: this.#lines.length,
      // each life is a machine of its own: its VM is the first
      run: runNamed(world.vm, arm64Recorded.firstHandle),
      ...this.#machine,
      ipa_bits: (world.guest ?? world.places.host).inputBits,
      stopped_in: world.vm,
      world: Object.fromEntries(Object.entries(world.pages).map(([name, pfn]) => [name, hex(pfn)])),
      gfn: world.gfns.map(hex),
      init: initJson(world, before),
      calls: [call],
    });
  }

  get #all(): readonly string[] {
    return [JSON.stringify({ schema: arm64RecordSchema }), ...this.#lines];
  }

  /** What the oracle says of the calls; nothing where there were none. */
  report(): RecordingReport | undefined {
    return this.#lines.length === 0 ? undefined : judgedLines(this.#all, 'arm64-mainline');
  }
}

/** The pages and the frame that a call names, and the guest whose call it is. */
function worldOf(
  memory: PhysicalMemory,
  { offset }: Hypervisor,
  {
    args,
    vm,
    places,
  }: {
    readonly args: Readonly<Record<string, bigint>>;
    readonly vm: 'N' | 'P';
    readonly places: WitnessPlaces & { readonly vtcr: bigint };
  },
): ObservedWorld {
  const [ram] = arm64Recorded.memblocks;
  const physical = (address: bigint): bigint => BigInt.asUintN(64, address + offset);
  const vmOf = args.vm ?? (args.vcpu === undefined ? undefined : memory.read(physical(args.vcpu)));
  const guest = vmOf === undefined ? undefined : guestTableIn(memory, physical(vmOf), places.vtcr, ram);
  const memcache = args.vcpu === undefined ? undefined : memcacheIn(memory, physical(args.vcpu), ram);
  const gfns = args.gfn === undefined || guest === undefined ? [] : [args.gfn];
  return { vm, places, pages: pagesOf(memory, args, guest), gfns, guest, memcache };
}

function pagesOf(
  memory: PhysicalMemory,
  { pfn, nr = 1n, gfn }: Readonly<Record<string, bigint>>,
  guest: Stage2 | undefined,
): Readonly<Record<string, bigint>> {
  if (pfn !== undefined) {
    const count = Number(nr < longestRange ? nr : longestRange);
    return Object.fromEntries(Array.from({ length: count }, (_, at) => [`Q${at}`, pfn + BigInt(at)]));
  }
  if (guest === undefined || gfn === undefined) return {};
  const [word] = guestLeafOf(memory, guest, gfn);
  return Stage2Page.get(word, 'valid') ? { Q0: Stage2Page.get(word, 'page') / pageBytes } : {};
}

const holdsNothing = (memory: PhysicalMemory, pfn: bigint): boolean => {
  for (let at = 0n; at < pageBytes; at += 8n) if (memory.read(pfn * pageBytes + at) !== 0n) return false;
  return true;
};

function contentOf(
  memory: PhysicalMemory,
  { pages }: ObservedWorld,
  { leaves }: ObservedState,
): PageContent | undefined {
  const { Q0: pfn } = pages;
  if (pfn === undefined) return undefined;
  // OWNED: a page that the guest shares is not wiped
  const isOwned = Stage2Page.get(leaves[0]?.[0] ?? 0n, 'software') % 4 === 0;
  return { name: 'Q0', pfn, isZero: holdsNothing(memory, pfn), isOwned };
}
