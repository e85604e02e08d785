import { readLogLine } from '../../evidence/logs/read-log.ts';
import type { KvmEvent } from '../../evidence/logs/kvm-event.ts';
import {
  type Access,
  type Capabilities,
  type Cpu,
  cpuWith,
  EptMemoryType,
  EptPte,
  Eptp,
  GuestPhysicalAddress,
  guestAccess,
  isPresent,
  normative,
  type Outcome,
  translate,
  ViolationQualification,
  type WalkRules,
} from '../../model/ept/index.ts';
import { maskOf, setBits } from '../../model/bits/index.ts';
import { sparseMemory } from '../../model/memory/index.ts';

/** What a trace does not say of the processor that it was made on. */
export interface TracedProcessor {
  readonly maxphyaddr: number;
  readonly accessedDirty: boolean;
  readonly capabilities?: Partial<Capabilities>;
}

/** An exit for the EPT, with what the table of the trace makes of the access. */
export interface TracedExit {
  /** The line of the exit, counted from 1. */
  readonly line: number;
  readonly reason: 'EPT_VIOLATION' | 'EPT_MISCONFIG';
  readonly qualification: bigint;
  readonly access: Access;
  readonly outcome: Outcome;
  readonly agrees: boolean;
}

type Level = 1 | 2 | 3 | 4;

/**
 * Rebuilds a VM's EPT from a trace of KVM that tells its root (a kprobe on `vmx_load_mmu_pgd`) and every word that KVM
 * writes into it, and walks it for every exit: not the leaf alone is held against the exit, but the whole walk.
 * facts/intel-machine.md 2.
 */
export class TracedTable {
  readonly words = new Map<bigint, bigint>();
  readonly exits: TracedExit[] = [];
  /** Words that no known table had a place for. */
  unplaced = 0;
  #root: bigint | undefined;
  #line = 0;
  #pending: Extract<KvmEvent, { kind: 'exit' }> | undefined;
  #pendingLine = 0;
  readonly #processor: TracedProcessor;
  readonly #rules: WalkRules;

  constructor(processor: TracedProcessor, rules: WalkRules = normative) {
    this.#processor = processor;
    this.#rules = rules;
  }

  get root(): bigint | undefined {
    return this.#root;
  }

  line(text: string): void {
    this.#line++;
    const root = /\broot=0x([0-9a-f]{1,16})\b/.exec(text)?.[1];
    if (root !== undefined && BigInt(`0x${root}`) !== 0n) this.#root = BigInt(`0x${root}`);
    // a misconfigured entry of KVM's own marks MMIO: the address is that of the access which follows
    const mmio = /kvm_mmio: mmio \S+ len \d+ gpa 0x([0-9a-f]{1,16})\b/.exec(text)?.[1];
    if (mmio !== undefined) this.#exitAt(BigInt(`0x${mmio}`), 'EPT_MISCONFIG');
    const read = readLogLine(text);
    if (read.kind === 'kvm') this.#event(read.event);
  }

  #event(event: KvmEvent): void {
    if (event.kind === 'exit') {
      this.#pending = event;
      this.#pendingLine = this.#line;
    } else if (event.kind === 'page-fault') this.#exitAt(event.gpa, 'EPT_VIOLATION');
    else if (event.kind === 'spte-changed' || event.kind === 'set-spte') this.#place(event);
  }

  #place({
    gfn,
    level,
    word,
  }: {
    readonly gfn: bigint;
    readonly level: number;
    readonly word: bigint;
  }): void {
    const at = level >= 1 && level <= 4 ? this.#entryAt(gfn, level as Level) : undefined;
    if (at === undefined) this.unplaced++;
    else this.words.set(at, word);
  }

  /** Where the entry of a frame lies; `undefined` where no table of that level is known. */
  #entryAt(gfn: bigint, level: Level): bigint | undefined {
    const { index4, index3, index2, index1 } = GuestPhysicalAddress.decode(gfn * 4096n);
    const index = { 4: index4, 3: index3, 2: index2, 1: index1 };
    let table = this.#root;
    for (const upper of ([4, 3, 2] as const).filter(one => one > level)) {
      if (table === undefined) return undefined;
      const entry = this.words.get(table + 8n * BigInt(index[upper])) ?? 0n;
      table = isPresent(entry, false) ? EptPte.get(entry, 'page') : undefined;
    }
    return table === undefined ? undefined : table + 8n * BigInt(index[level]);
  }

  #exitAt(gpa: bigint, reason: TracedExit['reason']): void {
    const exit = this.#pending;
    if (exit?.reason !== reason || this.#root === undefined) return;
    this.#pending = undefined;
    const { qualification } = exit;
    const access = accessOf(gpa, qualification, reason);
    const outcome = translate(sparseMemory(this.words, 'zero'), this.#cpu(this.#root), access, this.#rules);
    const agrees =
      reason === 'EPT_MISCONFIG'
        ? outcome.kind === 'ept_misconfig'
        : outcome.kind === 'ept_violation' &&
          sameBut(outcome.undefinedBits, outcome.qualification, qualification);
    this.exits.push({ line: this.#pendingLine, reason, qualification, access, outcome, agrees });
  }

  #cpu(table: bigint): Cpu {
    const { maxphyaddr, accessedDirty, capabilities } = this.#processor;
    const eptp = { memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, accessedDirty, table };
    return cpuWith({
      eptp: Eptp.encode(eptp),
      maxPhysicalAddressWidth: maxphyaddr,
      ...(capabilities === undefined ? {} : { capabilities }),
    });
  }
}

const sameBut = (undefinedBits: bigint, one: bigint, other: bigint): boolean => {
  const defined = maskOf({ hi: 63, lo: 0 }) - undefinedBits;
  return setBits(one, defined) === setBits(other, defined);
};

/** The access that a qualification reports; of a misconfiguration it reports none, and any gives it. */
function accessOf(gpa: bigint, qualification: bigint, reason: TracedExit['reason']): Access {
  if (reason === 'EPT_MISCONFIG') return guestAccess('read', gpa);
  const { read, write, execute, linearValid, finalTranslation, linearUser, linearWritable, linearNx } =
    ViolationQualification.decode(qualification);
  const isPageWalk = linearValid && !finalTranslation;
  return guestAccess(execute ? 'execute' : write ? (read ? 'rmw' : 'write') : 'read', gpa, {
    linearValid,
    pageWalk: isPageWalk,
    userMode: linearUser,
    guestWritable: linearWritable,
    guestNx: linearNx,
  });
}

/** How the words of a trace and those of memory compare. */
export interface TableAgreement {
  readonly equal: number;
  /** Accessed and dirty flags, which the processor sets and no trace tells. */
  readonly flagsOnly: number;
  readonly different: readonly {
    readonly address: bigint;
    readonly traced: bigint;
    readonly held: bigint;
  }[];
}

/** Holds the words that a trace told of against those that lie in memory afterwards. */
export function agreementOf(
  { words }: Pick<TracedTable, 'words'>,
  read: (address: bigint) => bigint | undefined,
): TableAgreement {
  const pairs = [...words].map(([address, traced]) => ({ address, traced, held: read(address) ?? 0n }));
  const flagless = (word: bigint): bigint => EptPte.with(word, { accessed: false, dirty: false });
  const different = pairs.filter(({ traced, held }) => traced !== held);
  const beyondFlags = different.filter(({ traced, held }) => flagless(traced) !== flagless(held));
  return {
    equal: pairs.length - different.length,
    flagsOnly: different.length - beyondFlags.length,
    different: beyondFlags,
  };
}
