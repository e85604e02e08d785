import type { Access } from '../ept/index.ts';

/** One access that the guest may make, with the name that traces call it by. */
export interface GuestAccess {
  readonly name: string;
  readonly gfn: bigint;
  readonly access: Access;
  readonly writes: boolean;
}
