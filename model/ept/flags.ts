import { layout, reserved, wide, type Word } from '../bits/index.ts';
import type { MemoryWrite } from '../memory/index.ts';
import type { Cpu } from './cpu.ts';
import { PageAddress } from './page-address.ts';
import type { Demand } from './demand.ts';
import { EptPte } from './entry.ts';
import { Eptp } from './eptp.ts';
import type { MappedPage } from './translation.ts';

/** An entry of the page-modification log: the guest-physical address of a page. */
const PmlEntry = layout('PmlEntry', { _11_0: reserved(11, 0), page: wide(63, 12) });

const pmlEntries = 512;

/** The writes that a granted access needs before it may happen, and the page-modification log index after them. */
export interface FlagUpdates<W extends Word = bigint> {
  readonly writes: readonly MemoryWrite<W>[];
  /** A dirty flag goes from 0 to 1. */
  readonly setsDirty: boolean;
}

/**
 * The accessed and dirty flags that are not yet set: A in every entry used, D in the leaf for a write. SDM vol. 3C,
 * "Accessed and Dirty Flags for EPT"; facts 2, step 6. A refused access sets none here; a processor may set
 * accessed flags for it speculatively.
 */
export function flagUpdates<W extends Word>(
  { entries, leaf }: MappedPage<W>,
  demand: Demand,
  cpu: Cpu<Word>,
): FlagUpdates<W> {
  if (!Eptp.get(cpu.eptp, 'accessedDirty')) return { writes: [], setsDirty: false };
  const setsDirty = demand.write && !EptPte.get(leaf.word, 'dirty');
  const writes = entries.flatMap(({ address, word, level }): MemoryWrite<W>[] => {
    const dirty = setsDirty && level === leaf.level ? { dirty: true } : {};
    const isAccessed = EptPte.get(word, 'accessed');
    if (isAccessed && dirty.dirty === undefined) return [];
    return [{ address, word: EptPte.with(word, { accessed: true, ...dirty }), bytes: 8 }];
  });
  return { writes, setsDirty };
}

/**
 * Whether a page-modification log-full event keeps the access from happening: a flag must be set, and the index is
 * not in the range 0 to 511. SDM vol. 3C, "Page-Modification Logging"; facts 2, step 6.
 */
export const isLogFull = (
  updates: FlagUpdates<Word>,
  { controls, state }: Pick<Cpu<Word>, 'controls' | 'state'>,
): boolean => controls.pml && updates.writes.length > 0 && state.pmlIndex >= pmlEntries;

/** The log entry of a page whose dirty flag has just been set, and the index after it: 0 goes to 0xFFFF. */
export function logDirtyPage(
  gpa: bigint,
  { state }: Cpu<Word>,
): { entry: MemoryWrite; pmlIndexAfter: number } {
  return {
    entry: {
      address: PageAddress.get(state.pmlAddress, 'page') + 8n * BigInt(state.pmlIndex),
      word: PmlEntry.encode({ page: PmlEntry.get(gpa, 'page') }),
      bytes: 8,
    },
    pmlIndexAfter: (state.pmlIndex + 0xffff) % 0x10000,
  };
}
