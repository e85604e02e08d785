import { type Stage2, pageRecordOf, translateStage2 } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';

/** Where everything lies that is looked at. */
export interface WitnessPlaces {
  /** The record of page `first`, and one of 8 bytes for each page from there on. */
  readonly vmemmap: bigint;
  readonly firstPfn: bigint;
  readonly pageCount: bigint;
  readonly host: Stage2;
  /** The hypervisor's own table, of one stage. */
  readonly el2: Stage2;
  /** Added to an address at EL2 it gives the physical one. */
  readonly offset: bigint;
}

/** A leaf as a recording has it: the word and its level. */
export type WitnessedLeaf = readonly [word: bigint, level: number];

/** A page: states of host and hypervisor, shares, references, the host's leaf, and whether EL2 maps it. */
export type WitnessedPage = readonly [
  host: number | null,
  hyp: number | null,
  shares: number | null,
  references: number | null,
  ...leaf: WitnessedLeaf,
  isMapped: 0 | 1 | null,
];

/** A word is not to be had: the machine's memory is other than its registers say. */
export class NoWitness extends Error {}

const pageBytes = 4096n;
const mask64 = 2n ** 64n;

/**
 * The hypervisor's own table as a walk needs it: one stage, of the same shape as a stage-2 table, from TTBR0_EL2 and the
 * width that TCR_EL2 says. What a leaf permits is not looked at.
 */
export function el2TableOf(ttbr: bigint, tcr: bigint): Stage2 {
  const inputBits = 64 - Number(tcr % 64n);
  // 9 bits a level above the 12 of a page
  const levels = Math.ceil((inputBits - 12) / 9);
  const startLevel = levels >= 4 ? 0 : levels === 3 ? 1 : 2;
  const root = (ttbr % 2n ** 48n) - (ttbr % pageBytes);
  return {
    root,
    rootPages: 1,
    startLevel,
    inputBits,
    outputBits: 48,
    lpa2: false,
    vmid: 0,
    managesAccessFlag: true,
    managesDirtyState: false,
  };
}

/** What was read where a walk ended: the leaf, or the entry that is none. */
function leafOf(memory: PhysicalMemory, stage2: Stage2, address: bigint): WitnessedLeaf {
  const outcome = translateStage2(memory, stage2, { ipa: address, kind: 'read' });
  const last = outcome.walk.at(-1);
  if (outcome.kind === 'unknown' || last === undefined)
    throw new NoWitness(`no entry for 0x${address.toString(16)}`);
  return [last.word, last.level];
}

/** The leaf of a frame in the guest's table. */
export const guestLeafOf = (memory: PhysicalMemory, guest: Stage2, gfn: bigint): WitnessedLeaf =>
  leafOf(memory, guest, gfn * pageBytes);

/** A page with all that is known of it. */
export function pageOf(memory: PhysicalMemory, places: WitnessPlaces, pfn: bigint): WitnessedPage {
  const { vmemmap, firstPfn, pageCount, host, el2, offset } = places;
  const leaf = leafOf(memory, host, pfn * pageBytes);
  const at = pfn - firstPfn;
  if (at < 0n || at >= pageCount) return [null, null, null, null, ...leaf, null];
  const word = memory.read(vmemmap + 8n * at);
  if (word === undefined) throw new NoWitness(`no record of page 0x${pfn.toString(16)}`);
  const { host: hostState, hyp, shareCount, refcount } = pageRecordOf(word);
  const address = (pfn * pageBytes - offset + 2n * mask64) % mask64;
  const mapped = translateStage2(memory, el2, {
    ipa: address % 2n ** BigInt(el2.inputBits),
    kind: 'read',
  });
  if (mapped.kind === 'unknown')
    throw new NoWitness(`no entry for 0x${address.toString(16)} in the hypervisor's own table`);
  const isMapped = mapped.kind === 'allowed' || mapped.kind === 'permission_fault';
  return [hostState, hyp, shareCount, refcount, ...leaf, isMapped ? 1 : 0];
}

/** How many pages the tables of a guest take, the root's among them. */
export function tablesOf(memory: PhysicalMemory, guest: Stage2): number {
  const below = (table: bigint, level: number): number => {
    if (level >= 3) return 1;
    let count = 1;
    for (let at = 0n; at < pageBytes; at += 8n) {
      const word = memory.read(table + at) ?? 0n;
      if (word % 4n === 3n) count += below((word % 2n ** 48n) - (word % pageBytes), level + 1);
    }
    return count;
  };
  const { root, rootPages, startLevel } = guest;
  return Array.from({ length: rootPages }, (_, at) =>
    below(root + BigInt(at) * pageBytes, startLevel),
  ).reduce((sum, count) => sum + count, 0);
}
