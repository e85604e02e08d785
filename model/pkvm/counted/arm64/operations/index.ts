import type { Arm64OperationName } from '../operation-names.ts';
import {
  guestShareHost,
  guestUnshareHost,
  hostDonateGuest,
  hostShareGuest,
  hostUnshareGuest,
} from './guest.ts';
import {
  type Arm64Operation,
  hostDonateHyp,
  hostShareFfa,
  hostShareHyp,
  hostUnshareFfa,
  hostUnshareHyp,
  hypDonateHost,
  hypPin,
  hypUnpin,
} from './hyp.ts';
import { refillMemcache } from './memcache.ts';
import { hostForceReclaimPageGuest, hostReclaimPageGuest, reclaimDyingGuestPage } from './reclaim.ts';
import {
  hostMkyoungGuest,
  hostRelaxPermsGuest,
  hostTestClearYoungGuest,
  hostWrprotectGuest,
} from './rights.ts';

/** The operations of the arm64 code, by name. facts/pkvm-2026.md 2.2, facts/arm64-record.md 3. */
export const arm64Operations = {
  host_share_hyp: hostShareHyp,
  host_unshare_hyp: hostUnshareHyp,
  hyp_pin: hypPin,
  hyp_unpin: hypUnpin,
  host_donate_hyp: hostDonateHyp,
  hyp_donate_host: hypDonateHost,
  host_share_ffa: hostShareFfa,
  host_unshare_ffa: hostUnshareFfa,
  host_donate_guest: hostDonateGuest,
  host_share_guest: hostShareGuest,
  host_unshare_guest: hostUnshareGuest,
  guest_share_host: guestShareHost,
  guest_unshare_host: guestUnshareHost,
  host_reclaim_page_guest: hostReclaimPageGuest,
  host_force_reclaim_page_guest: hostForceReclaimPageGuest,
  host_relax_perms_guest: hostRelaxPermsGuest,
  host_wrprotect_guest: hostWrprotectGuest,
  host_test_clear_young_guest: hostTestClearYoungGuest,
  host_mkyoung_guest: hostMkyoungGuest,
  refill_memcache: refillMemcache,
  reclaim_dying_guest_page: reclaimDyingGuestPage,
} as const satisfies Record<Arm64OperationName, Arm64Operation>;
