import {
  type NamedAudit,
  gatherStage2,
  stage2Audit,
  type Stage2AuditFlags,
} from '../../cli/arm64/audit.ts';
import { stage2Walk } from '../../cli/arm64/walk.ts';
import { gathered, type PkvmCall } from '../../evidence/live/index.ts';
import type { PkvmEntry } from '../../evidence/node/live/hypervisor.ts';
import { arm64KernelNamed, Stage2Page } from '../../model/arm64/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { Conformed } from './conformed.ts';
import type { JudgedTrace } from './judged-trace.ts';
import { guestStart, type Stop, type Visitor } from './lives.ts';

/** One phase of a guest's life, audited. */
export interface Phase {
  readonly name: string;
  readonly pages: number;
  readonly leaves: number;
  /** Pages by owner and borrowers: `guest 0x1000, shared with host`. */
  readonly owned: Readonly<Record<string, number>>;
  readonly anomalies: readonly string[];
  readonly unknown: readonly string[];
  readonly fetched: number;
}

/** The violation that we made, and what the audit said of it. */
export interface Seeded {
  readonly page: string;
  readonly found: readonly string[];
  readonly isFound: boolean;
}

const ram = '0x40000000-0x60000000';

/** Audits every page in every phase, and once makes a violation by hand and takes it back. */
export class AuditedLives implements Visitor {
  readonly phases: Phase[] = [];
  seeded: Seeded | undefined;
  readonly #kernel: string;
  readonly #say: (line: string) => void;

  readonly #conformed: Conformed;
  readonly #judged: JudgedTrace;

  constructor(
    kernel: string,
    say: (line: string) => void,
    { conformed, judged }: { readonly conformed: Conformed; readonly judged: JudgedTrace },
  ) {
    this.#conformed = conformed;
    this.#judged = judged;
    this.#kernel = kernel;
    this.#say = say;
  }

  async atPhase(stop: Stop): Promise<void> {
    const { audit, pages } = await this.#audit(stop);
    const phase: Phase = {
      name: stop.phase,
      pages: audit.pages,
      leaves: audit.leaves,
      owned: ownedBy(audit),
      anomalies: audit.anomalies.map(({ page, what }) => `${addressHex(page)}: ${what.join('; ')}`),
      unknown: unknownIn(audit),
      fetched: pages,
    };
    this.phases.push(phase);
    const verdict = phase.anomalies.length === 0 ? 'no anomaly' : `${phase.anomalies.length} anomalies`;
    this.#say(
      `  ${phase.name.padEnd(22)} ${phase.pages} pages, ${verdict}${phase.unknown.length > 0 ? `, ${phase.unknown.length} unknown` : ''}`,
    );
    // a protected guest owns pages, a normal one none: the plainest violation is made where there is one
    const life = arm64KernelNamed(this.#kernel)?.hasProtectedGuests === false ? 'normal' : 'protected';
    if (stop.phase === `${life}-5-unshared`) await this.#seed(stop, audit);
  }

  async atEntry(entry: PkvmEntry, nth: number, stop: Stop): Promise<void> {
    await this.#conformed.atEntry(entry.entered, nth, stop);
    await this.#judged.entered(entry, stop);
  }

  async atReturn(call: PkvmCall): Promise<void> {
    await this.#judged.returned(call);
  }

  #flags({ guest, hypervisor }: Stop): Stage2AuditFlags {
    const { stateIn } = arm64KernelNamed(this.#kernel) ?? { stateIn: undefined };
    const { pool } = hypervisor.symbols;
    return {
      ram: [ram],
      kernel: this.#kernel,
      ...(stateIn === 'hyp_vmemmap' && pool !== undefined ? { vmemmap: addressHex(pool) } : {}),
      ...(guest === undefined
        ? {}
        : {
            guest: [
              `${addressHex(BigInt(guest.handle))}=${addressHex(guest.vttbr)},${addressHex(guest.vtcr)}`,
            ],
          }),
    };
  }

  async #audit(stop: Stop): Promise<{ readonly audit: NamedAudit; readonly pages: number }> {
    const { gdb } = stop.hypervisor;
    const registers = new Map<string, bigint>();
    for (const name of ['VTTBR_EL2', 'VTCR_EL2']) registers.set(name, await gdb.readRegister(name));
    const flags = this.#flags(stop);
    const register = (name: string): bigint | undefined => registers.get(name);
    const { memory, pages } = await gathered(gdb, at => {
      gatherStage2(at, flags, register);
    });
    return { audit: stage2Audit(memory, flags, register), pages };
  }

  /** A page gets a second owner, by one word of a table; the audit looks, and the word is put back. */
  async #seed(stop: Stop, before: NamedAudit): Promise<void> {
    const violation = await this.#violation(stop, before);
    if (violation === undefined) return;
    const { gdb } = stop.hypervisor;
    const { page, at } = violation;
    const word = await gdb.readPhysical(at, 8);
    if (word === undefined) return;
    const broken = new Uint8Array(8);
    new DataView(broken.buffer).setBigUint64(0, mapping(page), true);
    await gdb.writePhysical(at, broken);
    try {
      const { audit } = await this.#audit(stop);
      const [only, ...others] = audit.anomalies;
      this.seeded = {
        page: addressHex(page),
        found: audit.anomalies.map(one => `${addressHex(one.page)}: ${one.what.join('; ')}`),
        isFound: only?.page === page && others.length === 0,
      };
    } finally {
      await gdb.writePhysical(at, word);
    }
    this.#say(
      `  a violation made by hand at ${addressHex(page)}: ${this.seeded.isFound ? 'found' : 'NOT FOUND'}`,
    );
  }

  /** The host maps a page that the guest owns; or, where no guest owns any, the guest maps one of the hypervisor's. */
  async #violation(
    stop: Stop,
    { owners }: NamedAudit,
  ): Promise<{ readonly page: bigint; readonly at: bigint } | undefined> {
    const { gdb } = stop.hypervisor;
    const ofGuest = owners.find(
      ({ owner, sharedWith }) => owner.startsWith('guest') && sharedWith.length === 0,
    );
    if (ofGuest !== undefined) {
      const host = [await gdb.readRegister('VTTBR_EL2'), await gdb.readRegister('VTCR_EL2')] as const;
      return { page: ofGuest.start, at: await this.#leafOf(stop, host, ofGuest.start) };
    }
    const ofHypervisor = owners.find(
      ({ owner, sharedWith }) => owner === 'hypervisor' && sharedWith.length === 0,
    );
    if (ofHypervisor === undefined || stop.guest === undefined) return undefined;
    const { vttbr, vtcr } = stop.guest;
    return { page: ofHypervisor.start, at: await this.#leafOf(stop, [vttbr, vtcr], guestStart) };
  }

  /** Where the leaf word of an address lies. */
  async #leafOf(stop: Stop, [vttbr, vtcr]: readonly [bigint, bigint], address: bigint): Promise<bigint> {
    const flags = { stage2: `${addressHex(vttbr)},${addressHex(vtcr)}`, gpa: addressHex(address) };
    const walk = (memory: PhysicalMemory) => stage2Walk(memory, flags).outcome;
    const { memory } = await gathered(stop.hypervisor.gdb, walk);
    return walk(memory).walk.at(-1)?.at ?? 0n;
  }
}

/** A leaf that maps a page for reading and writing. */
const mapping = (page: bigint): bigint =>
  Stage2Page.encode({
    valid: true,
    isTableOrPage: true,
    memoryAttributes: 0xf,
    read: true,
    write: true,
    shareability: 3,
    accessFlag: true,
    page,
  });

function ownedBy({ owners }: NamedAudit): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { start, end, owner, sharedWith } of owners) {
    const name = [owner, ...sharedWith.map(borrower => `shared with ${borrower}`)].join(', ');
    counts[name] = (counts[name] ?? 0) + Number((end - start) / 4096n);
  }
  return counts;
}

const unknownIn = ({ undecided, missing, unnamed, unrecorded, locked }: NamedAudit): readonly string[] => [
  ...undecided.map(({ page, what }) => `${addressHex(page)}: ${what.join('; ')}`),
  ...missing.map(({ table, page }) => `a page of the ${table} table at ${addressHex(page)} is not there`),
  ...unnamed.map(handle => `the table of guest ${addressHex(BigInt(handle))} is not known yet`),
  ...(unrecorded > 0 ? [`${unrecorded} pages have no record`] : []),
  ...(locked > 0 ? [`${locked} leaves are held by a call`] : []),
];
