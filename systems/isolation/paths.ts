import type { Read } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { type Cache, deviceTable } from './cached.ts';
import { nameOfTable, type Table } from '../pages/table.ts';
import { type Translation, walk } from '../pages/walk.ts';
import { HOST, type World } from './world.ts';

/** One way to a page: by the words of a table, or by what a CPU or the IOMMU has cached of them. */
export interface Path {
  /** `guest2[0x10000]`, `cpu0.tlb.host[0x3000]`. */
  readonly about: string;
  /** For whom an access on this way is made, as an owner id: a device's is made for the host. */
  readonly accessor: number;
  /** The table that is walked, or whose translation is cached. */
  readonly table: Table;
  readonly isCached: boolean;
  reaches(read: Read): Translation | undefined;
}

const accessorOf = (table: Table): number => (typeof table === 'number' ? table : HOST);

const walkPath = ({ words }: World, table: Table, address: bigint): Path => ({
  about: `${nameOfTable(table)}[${addressHex(address)}]`,
  accessor: accessorOf(table),
  table,
  isCached: false,
  reaches: read => walk(words, read, table, address),
});

const cachedPath = ({ caches }: World, cache: Cache, table: Table, address: bigint): Path => ({
  about: caches.slot(cache, table, address)?.name ?? '',
  accessor: accessorOf(table),
  table,
  isCached: true,
  reaches: read => caches.translation(read, cache, table, address),
});

/** Every table and address that an access can name, with the caches that may hold its translation. */
export function placesToReach(
  world: World,
): { readonly table: Table; readonly address: bigint; readonly caches: readonly Cache[] }[] {
  const { pages, mmio, gpas, vms, cpus, size } = world;
  const device = size.dma === 'none' ? undefined : deviceTable(size.dma);
  return [
    ...[...pages, ...mmio].map(address => {
      const isDevice = device === 'host' && pages.includes(address);
      return { table: 'host' as const, address, caches: isDevice ? [...cpus, 'iommu' as const] : cpus };
    }),
    ...vms.flatMap(({ id }) => gpas.map(address => ({ table: id, address, caches: cpus }))),
    ...(device === 'iommu'
      ? pages.map(address => ({ table: device, address, caches: ['iommu' as const] }))
      : []),
  ];
}

/** Every way to every page. */
export const pathsOf = (world: World): Path[] =>
  placesToReach(world).flatMap(({ table, address, caches }) => [
    walkPath(world, table, address),
    ...caches.map(cache => cachedPath(world, cache, table, address)),
  ]);
