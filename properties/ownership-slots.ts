import type { Slot } from '../checker/index.ts';
import type { Vm } from '../model/pkvm/index.ts';

/** Where the ownership words lie in a system's state: what the sentences about ownership are told over. */
export interface OwnershipSlots {
  readonly vms: readonly Vm[];
  /** The host EPT leaf of each page. */
  readonly host: readonly { readonly page: bigint; readonly isRam: boolean; readonly slot: Slot<bigint> }[];
  /**
   * The leaf of each gpa in each guest's table. `onlyPage` is the one page that may ever be mapped there, where the
   * profile says so (own gpas): a property holds the leaf to it, and the other sentences then need not look at it
   * when they speak of another page.
   */
  readonly guest: readonly {
    readonly vm: number;
    readonly gpa: bigint;
    readonly slot: Slot<bigint>;
    readonly onlyPage?: bigint;
  }[];
}
