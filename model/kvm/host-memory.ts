import { GuestPhysicalAddress, pageBytes } from '../ept/index.ts';

/** Where the model puts the pages of its tables in host-physical memory. All different, none of them zero. */
const at = {
  eptPml4: 0x10_1000n,
  eptPdpt: 0x10_2000n,
  eptPd: 0x10_3000n,
  eptPt: 0x11_0000n, // one page a 2-MByte region from here on
  spptL3: 0x20_3000n,
  spptL2: 0x20_4000n,
  spptL1: 0x21_0000n, // one page a 2-MByte region from here on
  guest: 0x4000_0000n, // guest-physical address 0: 2-MByte aligned, so that large pages can back it
} as const;

export const eptTables = { pml4: at.eptPml4, pdpt: at.eptPdpt, pd: at.eptPd } as const;
export const spptTables = { l3: at.spptL3, l2: at.spptL2 } as const;
/** Two pages for the SPPT root, so that a new root has another address than the one before. */
export const spptRoots = { A: 0x20_1000n, B: 0x20_2000n } as const;

/** The guest-physical address of a guest frame number. */
export const gpaOf = (gfn: bigint): bigint => gfn * pageBytes;
export const gfnOf = (gpa: bigint): bigint => gpa / pageBytes;
/** The 2-MByte region of a guest frame, by number: gfns 0x1ff and 0x200 lie in regions 0 and 1. */
export const regionOf = (gfn: bigint): bigint => gfn / 512n;

/** The EPT page table, and the SPPT L1 page, of a region. */
export const eptPageTable = (region: bigint): bigint => at.eptPt + region * pageBytes;
export const spptL1Page = (region: bigint): bigint => at.spptL1 + region * pageBytes;

/** The host-physical page behind a guest frame, and behind a whole region. */
export const hostPage = (gfn: bigint): bigint => at.guest + gpaOf(gfn);
export const hostLargePage = (region: bigint): bigint => at.guest + gpaOf(region * 512n);

/** The index of a guest frame in its page table. */
export const indexInTable = (gfn: bigint): number => GuestPhysicalAddress.get(gpaOf(gfn), 'index1');
