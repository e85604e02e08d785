import type { HandCall, HandOperation } from './hand-calls.ts';
import { Random } from './random.ts';

/** What generated calls are about. */
export interface CallWorld {
  /** Which kind of VM's vCPU is loaded. */
  readonly vm: 'N' | 'P';
  /** Pages of the host that nobody uses, by name. */
  readonly pages: Readonly<Record<string, bigint>>;
  /** Pages that the host may not give away: of the hypervisor's pool, its text, and one that is no RAM. */
  readonly foreign: Readonly<Record<'K' | 'T' | 'X', bigint>>;
  /** Frames of the guest that have a table and no page. */
  readonly gfns: readonly [bigint, ...bigint[]];
  /** A frame beyond the guest's address width. */
  readonly beyond: bigint;
}

const ofHost: readonly [HandOperation, ...HandOperation[]] = [
  'host_share_hyp',
  'host_unshare_hyp',
  'host_donate_hyp',
  'hyp_donate_host',
  'hyp_pin',
  'hyp_unpin',
  'host_share_ffa',
  'host_unshare_ffa',
];
const ofVm: Readonly<Record<'N' | 'P', readonly [HandOperation, ...HandOperation[]]>> = {
  N: [
    'host_share_guest',
    'host_share_guest',
    'host_unshare_guest',
    'host_relax_perms_guest',
    'host_wrprotect_guest',
    'host_test_clear_young_guest',
    'host_mkyoung_guest',
  ],
  P: [
    'host_donate_guest',
    'host_donate_guest',
    'guest_share_host',
    'guest_unshare_host',
    'host_reclaim_page_guest',
    'host_wrprotect_guest',
    'host_relax_perms_guest',
  ],
};

/**
 * Generates calls that a running hypervisor survives: legal and illegal ones, but none of those that panic or that leave
 * something behind which nobody can take back (facts/arm64-record.md 5).
 */
export class CallGenerator {
  readonly #random: Random;
  readonly #world: CallWorld;
  readonly #names: readonly [string, ...string[]];
  /** How often each page is pinned. */
  readonly #pins = new Map<bigint, number>();
  /** Pages that are shared with the secure world. */
  readonly #ffa = new Set<bigint>();

  constructor(world: CallWorld, seed: number) {
    const [first, ...others] = Object.keys(world.pages);
    if (first === undefined) throw new RangeError('there is no page to make calls about');
    this.#names = [first, ...others];
    this.#world = world;
    this.#random = new Random(seed);
  }

  /** The next call; a kernel's functions that are missing are never called. */
  next(has: (op: HandOperation) => boolean): HandCall {
    for (;;) {
      const op = this.#random.one(this.#random.below(2) === 0 ? ofHost : ofVm[this.#world.vm]);
      const call = has(op) ? this.#call(op) : undefined;
      if (call !== undefined) return call;
    }
  }

  /** Told of a call that was made: what is pinned must be unpinned at the end. */
  made({ op, pfn, nr }: HandCall, result: number): void {
    if (pfn !== undefined && op === 'host_share_ffa' && result === 0) this.#ffa.add(pfn);
    if (pfn !== undefined && op === 'host_unshare_ffa' && result === 0) this.#ffa.delete(pfn);
    // unpinning returns nothing
    const more = op === 'hyp_unpin' ? -1 : op === 'hyp_pin' && result === 0 ? 1 : 0;
    if (pfn === undefined || more === 0) return;
    for (let at = pfn; at < pfn + (nr ?? 1n); at++) this.#pins.set(at, this.pinsOf(at) + more);
  }

  pinsOf(pfn: bigint): number {
    return this.#pins.get(pfn) ?? 0;
  }

  isSharedByFfa(pfn: bigint): boolean {
    return this.#ffa.has(pfn);
  }

  #call(op: HandOperation): HandCall | undefined {
    const prot = BigInt(this.#random.below(18));
    const gfn = this.#gfn();
    switch (op) {
      case 'host_share_hyp':
      case 'host_unshare_hyp':
        return { op, pfn: this.#anyPage() };
      case 'host_donate_hyp':
        return { op, ...this.#range(this.#anyPage()) };
      case 'hyp_pin':
        return { op, pfn: this.#anyPage(), nr: 1n };
      case 'hyp_donate_host':
        return { op, ...this.#range(this.#page()) };
      case 'hyp_unpin': {
        const pfn = this.#page();
        return this.pinsOf(pfn) > 0 ? { op, pfn, nr: 1n } : undefined;
      }
      case 'host_share_ffa':
        return { op, pfn: this.#anyPage(), nr: 1n };
      case 'host_unshare_ffa': {
        // it takes any share back: facts/arm64-record.md 4, F4
        const pfn = this.#page();
        return this.isSharedByFfa(pfn) ? { op, pfn, nr: 1n } : undefined;
      }
      case 'host_donate_guest':
        return { op, pfn: this.#anyPage(), gfn };
      case 'host_share_guest':
        // execution at one exception level alone panics without FEAT_XNX: facts/arm64-record.md 3, F3
        if (prot % 4n === 1n || prot % 4n === 2n) return undefined;
        return { op, pfn: this.#anyPage(), gfn, nr: 1n, prot };
      case 'host_unshare_guest':
      case 'host_wrprotect_guest':
        return { op, gfn, nr: 1n };
      case 'host_relax_perms_guest':
        return { op, gfn, prot };
      case 'host_test_clear_young_guest':
        // a frame beyond the width panics: facts/arm64-record.md 4, F2
        if (gfn === this.#world.beyond) return undefined;
        return { op, gfn, nr: 1n, mkold: this.#random.below(2) === 0 ? 0 : 1 };
      case 'guest_share_host':
      case 'guest_unshare_host':
      case 'host_reclaim_page_guest':
      case 'host_mkyoung_guest':
        return { op, gfn };
    }
  }

  #page(): bigint {
    return this.#world.pages[this.#random.one(this.#names)] ?? 0n;
  }

  /** Now and then one that the host may not give away. */
  #anyPage(): bigint {
    const { K, T, X } = this.#world.foreign;
    return this.#random.below(8) === 0 ? this.#random.one([K, T, X]) : this.#page();
  }

  #gfn(): bigint {
    const { gfns, beyond } = this.#world;
    return this.#random.below(16) === 0 ? beyond : this.#random.one(gfns);
  }

  /** One page, none, or two where the second is ours too. */
  #range(pfn: bigint): { readonly pfn: bigint; readonly nr: bigint } {
    const isOurs = Object.values(this.#world.pages).includes(pfn + 1n);
    const isTwo = isOurs && Object.values(this.#world.pages).includes(pfn);
    return { pfn, nr: this.#random.one(isTwo ? [1n, 1n, 2n, 0n] : [1n, 1n, 1n, 0n]) };
  }
}
