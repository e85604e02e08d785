import { type AccessChoice, type WalkAccess, walkAccess } from '../access.ts';
import { at, gpaAt } from '../image.ts';

/** An EPTP of 4 levels in write-back memory, with some bits more. */
export const rootAndType = (root: bigint, flags = 0n): bigint => root + 0x1en + flags;

/** The EPTP: 4 levels, write-back. */
export const eptp4 = rootAndType(at.ept[4]);

export const spptp = at.sppt[4];

/** An access in the page that a 4-level EPT maps. */
export const inFour = (choice: AccessChoice): WalkAccess => walkAccess(choice, offset => gpaAt(offset, 4));

/** An access in the page that a 5-level EPT maps. */
export const inFive = (choice: AccessChoice): WalkAccess => walkAccess(choice, offset => gpaAt(offset, 5));

/** EPTP bit 6. */
export const accessed = 0x40n;

/** EPTP bit 7. */
export const shadow = 0x80n;
