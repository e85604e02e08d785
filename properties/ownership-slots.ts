import type { Slot } from '../checker/index.ts';

/** Where the ownership words lie in a system's state: what the sentences about ownership are told over. */
export interface OwnershipSlots {
  /** The host EPT leaf of each page. */
  readonly host: readonly { readonly page: bigint; readonly isRam: boolean; readonly slot: Slot<bigint> }[];
  /** The leaf of each gpa in each guest's table. */
  readonly guest: readonly { readonly vm: number; readonly gpa: bigint; readonly slot: Slot<bigint> }[];
}
