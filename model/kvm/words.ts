import { addressHex, groupedHex } from '../bits/index.ts';
import { EptPdpte } from '../ept/index.ts';
import { entryAddress, type Level } from '../ept/index.ts';
import type { Cell } from './cell.ts';
import {
  eptPageTable,
  eptTables,
  gpaOf,
  regionOf,
  spptL1Page,
  spptRoots,
  spptTables,
} from './host-memory.ts';
import { leafText } from './text.ts';

/** A 64-bit word of a table page, or that there is no such page: never allocated, or freed. */
export type Word = bigint | 'no page';

/** The word cells of a VM by physical address, as the hardware finds them. */
export interface Words {
  readonly cells: readonly Cell<Word>[];
  /** The cell at an address; `undefined` for a word that never changes or does not exist. */
  at(address: bigint): Cell<Word> | undefined;
  /** A word that never changes: the two upper EPT levels. */
  fixed(address: bigint): bigint | undefined;
  /** The word cells of one 4-KByte table page. */
  ofPage(page: bigint): readonly Cell<Word>[];
}

interface Placed {
  readonly address: bigint;
  readonly cell: Cell<Word>;
}

const spptText = (word: Word): string => (word === 'no page' ? word : groupedHex(word));
const entry = (table: bigint, level: Level, gfn: bigint): bigint => entryAddress(table, level, gpaOf(gfn));

const ept = (address: bigint, level: Level, name: string): Placed => ({
  address,
  cell: {
    name,
    initial: 0n,
    is: { kind: 'word', table: 'ept', level },
    show: word => (word === 'no page' ? word : leafText(word)),
  },
});
const sppt = (address: bigint, level: Level, name: string): Placed => ({
  address,
  cell: { name, initial: 'no page', is: { kind: 'word', table: 'sppt', level }, show: spptText },
});

const ofFrame = (gfn: bigint): readonly Placed[] => [
  ept(entry(eptPageTable(regionOf(gfn)), 1, gfn), 1, `EPT PTE of gfn ${addressHex(gfn)}`),
  sppt(entry(spptL1Page(regionOf(gfn)), 1, gfn), 1, `SPPT L1E of gfn ${addressHex(gfn)}`),
];

const ofRegion = (gfn: bigint): readonly Placed[] => [
  ept(entry(eptTables.pd, 2, gfn), 2, `EPT PDE of region ${regionOf(gfn)}`),
  sppt(entry(spptTables.l2, 2, gfn), 2, `SPPT L2E of region ${regionOf(gfn)}`),
];

const tableEntry = (table: bigint): bigint =>
  EptPdpte.encode({ read: true, write: true, execute: true, table });

/** The words that translate these frames: an EPT PTE and an SPPT L1E each, a PDE and an L2E a region, the rest once. */
export function makeWords(gfns: readonly bigint[]): Words {
  const [anyGfn = 0n] = gfns;
  const oneOfEachRegion = [...new Map(gfns.map(gfn => [regionOf(gfn), gfn])).values()];
  const placed = [
    ...oneOfEachRegion.flatMap(ofRegion),
    ...gfns.flatMap(ofFrame),
    sppt(entry(spptTables.l3, 3, anyGfn), 3, 'SPPT L3E'),
    sppt(entry(spptRoots.A, 4, anyGfn), 4, 'SPPT L4E in root A'),
    sppt(entry(spptRoots.B, 4, anyGfn), 4, 'SPPT L4E in root B'),
  ];
  const fixed = new Map([
    [entry(eptTables.pml4, 4, anyGfn), tableEntry(eptTables.pdpt)],
    [entry(eptTables.pdpt, 3, anyGfn), tableEntry(eptTables.pd)],
  ]);
  const byAddress = new Map(placed.map(({ address, cell }) => [address, cell]));
  return {
    cells: placed.map(({ cell }) => cell),
    at: address => byAddress.get(address),
    fixed: address => fixed.get(address),
    ofPage: page => placed.filter(w => w.address >= page && w.address < page + 4096n).map(w => w.cell),
  };
}
