import type { CountedState, PageRecord } from '../../../model/pkvm/counted/index.ts';
import type { TableLeaf } from '../read-table.ts';

/** A leaf of a guest, as far as it maps one page. */
export interface PageClaim {
  readonly vm: number;
  readonly leaf: TableLeaf;
  readonly state: CountedState;
}

/** Everything that is known of one page of RAM. */
export interface AuditedPage {
  readonly page: bigint;
  readonly record: PageRecord;
  /** `undefined` where the host's table could not be read there. */
  readonly host: TableLeaf | undefined;
  readonly claims: readonly PageClaim[];
  /** Leaves of guests may be missing. */
  readonly isIncomplete: boolean;
}

/** What is wrong with a page. */
export interface PageFault {
  readonly invariant: string;
  readonly what: string;
  /** Leaves of guests that are missing may say otherwise. */
  readonly isUndecided: boolean;
}
