import {
  type NamedAudit,
  gatherStage2,
  stage2Audit,
  type Stage2AuditFlags,
} from '../../cli/arm64/audit.ts';
import { stage2Walk } from '../../cli/arm64/walk.ts';
import { gathered } from '../../evidence/live/index.ts';
import { arm64KernelNamed, Stage2Page } from '../../model/arm64/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { Stop, Visitor } from './lives.ts';

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

  constructor(kernel: string, say: (line: string) => void) {
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
    if (this.seeded === undefined && stop.phase.endsWith('-5-unshared')) await this.#seed(stop, audit);
  }

  atEntry(): Promise<void> {
    return Promise.resolve();
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

  /** The host's leaf of a page that the guest owns is made to map it, looked at, and put back. */
  async #seed(stop: Stop, before: NamedAudit): Promise<void> {
    const owned = before.owners.find(
      ({ owner, sharedWith }) => owner.startsWith('guest') && sharedWith.length === 0,
    );
    if (owned === undefined) return;
    const { gdb } = stop.hypervisor;
    const at = await this.#hostLeafOf(stop, owned.start);
    const word = await gdb.readPhysical(at, 8);
    if (word === undefined) return;
    const mapping = Stage2Page.encode({
      valid: true,
      isTableOrPage: true,
      memoryAttributes: 0xf,
      read: true,
      write: true,
      shareability: 3,
      accessFlag: true,
      page: owned.start,
    });
    const broken = new Uint8Array(8);
    new DataView(broken.buffer).setBigUint64(0, mapping, true);
    await gdb.writePhysical(at, broken);
    try {
      const { audit } = await this.#audit(stop);
      const [only, ...others] = audit.anomalies;
      this.seeded = {
        page: addressHex(owned.start),
        found: audit.anomalies.map(({ page, what }) => `${addressHex(page)}: ${what.join('; ')}`),
        isFound: only?.page === owned.start && others.length === 0,
      };
    } finally {
      await gdb.writePhysical(at, word);
    }
    this.#say(
      `  a violation made by hand at ${addressHex(owned.start)}: ${this.seeded.isFound ? 'found' : 'NOT FOUND'}`,
    );
  }

  async #hostLeafOf(stop: Stop, page: bigint): Promise<bigint> {
    const { gdb } = stop.hypervisor;
    const flags = {
      stage2: `${addressHex(await gdb.readRegister('VTTBR_EL2'))},${addressHex(await gdb.readRegister('VTCR_EL2'))}`,
      gpa: addressHex(page),
    };
    const walk = (memory: PhysicalMemory) => stage2Walk(memory, flags).outcome;
    const { memory } = await gathered(gdb, walk);
    return walk(memory).walk.at(-1)?.at ?? 0n;
  }
}

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
