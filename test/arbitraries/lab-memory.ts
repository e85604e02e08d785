import { EptMemoryType, EptPml4e, Eptp } from '../../model/ept/index.ts';
import { hostLeaf, PageState } from '../../model/pkvm/index.ts';

/**
 * A laboratory machine of 2 MByte: its RAM from 0, and in its upper half the tables of the host and of guests, which
 * belong to the hypervisor. All of it is covered by one page of leaves a table.
 */
const ram = { start: 0n, end: 0x20_0000n };
const tableBase = 0x10_0000n;
const tableEnd = 0x11_0000n;
const page = 0x1000n;

export interface Lab {
  /** All of RAM, from address 0. */
  readonly bytes: Uint8Array;
  readonly hostEptp: bigint;
  readonly guests: readonly { readonly id: number; readonly eptp: bigint }[];
  readonly ram: readonly { readonly start: bigint; readonly end: bigint }[];
  /** The address of the leaf word for an address in a table. */
  leafAt(table: 'host' | number, address: bigint): bigint;
}

/** Builds the machine with these leaf words; the rest of the host's RAM below the tables is owned by the host. */
export function labMemory(
  leaves: readonly { readonly table: 'host' | number; readonly address: bigint; readonly word: bigint }[],
  guestIds: readonly number[] = [2, 3],
): Lab {
  const bytes = new Uint8Array(Number(ram.end));
  const view = new DataView(bytes.buffer);
  const write = (address: bigint, word: bigint): void => view.setBigUint64(Number(address), word, true);
  const link = (table: bigint): bigint =>
    EptPml4e.encode({ read: true, write: true, execute: true, table });
  const roots = new Map<'host' | number, bigint>();
  for (const [i, table] of (['host', ...guestIds] as const).entries()) {
    const root = tableBase + BigInt(i) * 4n * page;
    roots.set(table, root);
    for (const level of [0n, 1n, 2n]) write(root + level * page, link(root + (level + 1n) * page));
  }
  const leafAt = (table: 'host' | number, address: bigint): bigint =>
    (roots.get(table) ?? 0n) + 3n * page + (address / page) * 8n;
  for (let at = ram.start; at < ram.end; at += page) {
    const isTable = at >= tableBase && at < tableEnd;
    write(leafAt('host', at), isTable ? 0n : hostLeaf(at, PageState.PKVM_PAGE_OWNED));
  }
  for (const { table, address, word } of leaves) write(leafAt(table, address), word);
  const eptpOf = (table: 'host' | number): bigint =>
    Eptp.encode({ memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, table: roots.get(table) ?? 0n });
  return {
    bytes,
    hostEptp: eptpOf('host'),
    guests: guestIds.map(id => ({ id, eptp: eptpOf(id) })),
    ram: [ram],
    leafAt,
  };
}
