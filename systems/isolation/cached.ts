import type { Read, Slot, Write } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { EptMemoryType } from '../../model/ept/index.ts';
import { PkvmLeaf } from '../../model/pkvm/index.ts';
import type { Places } from '../pages/places.ts';
import type { IsolationSize } from './size.ts';
import { nameOfTable, type Table } from '../pages/table.ts';
import type { Translation } from '../pages/walk.ts';

/** Who caches translations: a CPU by its number, or the IOMMU. */
export type Cache = number | 'iommu';

/** What a slot holds of a translation that is not cached. */
export const NOTHING_CACHED = 0n;

/** The word that a cached translation is held as: the leaf's rights, memory type and page, without its state. */
export const cachedWord = ({ page, write, memoryType }: Translation): bigint =>
  PkvmLeaf.encode({ read: true, write, memoryType, page });

function translationOf(word: bigint): Translation | undefined {
  const { read, write, page, memoryType } = PkvmLeaf.decode(word);
  return read ? { page, write, memoryType } : undefined;
}

const typeNames: Readonly<Record<number, string>> = { [EptMemoryType.WB]: ' WB', [EptMemoryType.UC]: '' };

function show(word: bigint): string {
  const translation = translationOf(word);
  if (translation === undefined) return 'none';
  const { page, write, memoryType } = translation;
  return `${addressHex(page)} ${write ? 'rw' : 'r-'}${typeNames[memoryType] ?? ` type ${memoryType}`}`;
}

/** The cached translations: one slot for each cache, table and address. Entries are tagged by table, as VPIDs and EPTPs do. */
export interface Caches {
  readonly slots: readonly Slot<bigint>[];
  translation(read: Read, cache: Cache, table: Table, address: bigint): Translation | undefined;
  slot(cache: Cache, table: Table, address: bigint): Slot<bigint> | undefined;
  /** One translation leaves one cache, if it was there. */
  drop(write: Write, cache: Cache, table: Table, address: bigint): void;
}

export function cachesOf(
  { cpus, pages, gpas, mmio, vms }: Places,
  { dma }: Pick<IsolationSize, 'dma'>,
): Caches {
  const slots = new Map<string, Slot<bigint>>();
  const keyOf = (cache: Cache, table: Table, address: bigint): string => `${cache} ${table} ${address}`;
  const add = (cache: Cache, table: Table, address: bigint): void => {
    const owner = cache === 'iommu' ? 'iotlb' : `cpu${cache}.tlb.${nameOfTable(table)}`;
    slots.set(keyOf(cache, table, address), {
      name: `${owner}[${addressHex(address)}]`,
      initial: NOTHING_CACHED,
      show,
    });
  };
  for (const cpu of cpus) {
    for (const page of [...pages, ...mmio]) add(cpu, 'host', page);
    for (const { id } of vms) for (const gpa of gpas) add(cpu, id, gpa);
  }
  if (dma !== 'none') for (const page of pages) add('iommu', deviceTable(dma), page);
  const slot: Caches['slot'] = (cache, table, address) => slots.get(keyOf(cache, table, address));
  return {
    slots: [...slots.values()],
    slot,
    drop: (write, cache, table, address) => {
      const found = slot(cache, table, address);
      if (found !== undefined) write(found, NOTHING_CACHED);
    },
    translation: (read, cache, table, address) => {
      const found = slot(cache, table, address);
      return found === undefined ? undefined : translationOf(read(found));
    },
  };
}

/** The table that a device's accesses are translated by. */
export const deviceTable = (dma: 'host-ept' | 'own-table'): Table =>
  dma === 'host-ept' ? 'host' : 'iommu';
