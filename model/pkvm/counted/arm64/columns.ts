import type { Arm64OperationName } from './operation-names.ts';

/**
 * What differs between revisions of the arm64 code; the code asks for the column, never for the name.
 * facts/pkvm-2026.md 2.2, facts/arm64-record.md 3.
 */
export interface Arm64Columns {
  /** The operations that there are. */
  readonly operations: 'all' | readonly Arm64OperationName[];
  /** How an annotation of the host's table names an owner. */
  readonly annotation: 'typed' | 'owner id';
  /** Whether a page shared with the hypervisor is mapped there at once or when it is first pinned. */
  readonly sharedIsMapped: 'at once' | 'at the first pin';
  /** What sharing with or giving to a guest does where no page can be had for its table. */
  readonly guestMapMemory: 'memcache asked first' | 'asserted afterwards';
  /** When share_guest finds out that the processor cannot grant the rights. F3. */
  readonly guestMapRights: 'asked first' | 'asserted afterwards';
  /** What force reclaim does where the host's leaf is valid although the host has not the page: hyp text. F1. */
  readonly validLeafOfNoPage: 'BUG' | 'EPERM';
  /** What test_clear_young does beyond the input size. F2. */
  readonly youngBeyondEnd: 'BUG' | 'ERANGE';
  /** What the pin beyond the last that fits the counter does. F9. */
  readonly pinOverflow: 'BUG' | 'EBUSY';
  /** Whether unshare_ffa asks that a page is shared with the secure world and with nobody else. F4. */
  readonly unshareFfa: 'host state only' | 'no other share';
  /** What a count of pins and of shares can hold. */
  readonly pinMax: number;
  readonly shareMax: number;
}

const mainline: Arm64Columns = {
  operations: 'all',
  annotation: 'typed',
  sharedIsMapped: 'at the first pin',
  guestMapMemory: 'memcache asked first',
  guestMapRights: 'asserted afterwards',
  validLeafOfNoPage: 'BUG',
  youngBeyondEnd: 'BUG',
  pinOverflow: 'BUG',
  unshareFfa: 'host state only',
  pinMax: 0xffff,
  shareMax: 0xffff_ffff,
};

export const arm64Revisions = {
  /** 7.3, as it ran: facts/arm64-record.md. */
  mainline,
  /** The same, where no call of the host panics and no share is forgotten. */
  'mainline-strict': {
    ...mainline,
    guestMapRights: 'asked first',
    validLeafOfNoPage: 'EPERM',
    youngBeyondEnd: 'ERANGE',
    pinOverflow: 'EBUSY',
    unshareFfa: 'no other share',
  },
  /** Before 7.1: a table page that is missing is found out by an assertion. facts/pkvm-bugs-2026.md 2, B65. */
  '7.0': { ...mainline, guestMapMemory: 'asserted afterwards' },
  /** 6.12: no guest's pages are tracked. facts/arm64-live.md 1. */
  '6.12': {
    ...mainline,
    operations: [
      'host_share_hyp',
      'host_unshare_hyp',
      'host_donate_hyp',
      'hyp_donate_host',
      'host_share_ffa',
      'host_unshare_ffa',
      'hyp_pin',
      'hyp_unpin',
    ],
    annotation: 'owner id',
    sharedIsMapped: 'at once',
  },
} as const satisfies Record<string, Arm64Columns>;
export type Arm64Revision = keyof typeof arm64Revisions;
