import { EptPde, EptPde2M, EptPdpte, EptPdpte1G, EptPml4e, EptPml5e, EptPte } from './entry.ts';
import { GuestPhysicalAddress } from './guest-physical-address.ts';

/** The level of a paging-structure entry: 5 PML5E, 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE. */
export type Level = 1 | 2 | 3 | 4 | 5;
export type PageSize = '4K' | '2M' | '1G';

/** What an entry of each level is called, and the formats that it can have. */
export const eptLevels = {
  5: { name: 'PML5E', table: EptPml5e, page: undefined, pageSize: undefined },
  4: { name: 'PML4E', table: EptPml4e, page: undefined, pageSize: undefined },
  3: { name: 'PDPTE', table: EptPdpte, page: EptPdpte1G, pageSize: '1G' },
  2: { name: 'PDE', table: EptPde, page: EptPde2M, pageSize: '2M' },
  1: { name: 'PTE', table: undefined, page: EptPte, pageSize: '4K' },
} as const;

export const pageSizeBytes: Readonly<Record<PageSize, bigint>> = {
  '4K': 4096n,
  '2M': 2097152n,
  '1G': 1073741824n,
};

/** The levels of a walk, top down. */
export const levelsFrom = (top: 4 | 5): readonly Level[] => (top === 5 ? [5, 4, 3, 2, 1] : [4, 3, 2, 1]);

/** The address of the entry that a guest-physical address selects in a table of this level, EPT or SPPT. */
export const entryAddress = (table: bigint, level: Level, guestPhysicalAddress: bigint): bigint =>
  table + 8n * BigInt(GuestPhysicalAddress.get(guestPhysicalAddress, `index${level}`));
