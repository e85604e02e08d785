import type { CountedOperationName, Operation } from '../operation.ts';
import { hostUnuseDma, hostUseDma } from './dma.ts';
import { guestShareHost, guestUnshareHost } from './guest-calls.ts';
import { hostDonateGuest, hostShareGuest, hostTestClearYoungGuest, hostUnshareGuest } from './guest.ts';
import {
  hostDonateHyp,
  hostDonateHypMmio,
  hostDonateHypShareRo,
  hostShareHyp,
  hostUnshareHyp,
  hypDonateHost,
  hypDonateHostMmio,
} from './hyp.ts';
import { vmFinalize, vmTeardown } from './vm.ts';

/** The operations of the x86 code that counts, by name. facts/pkvm-2026.md 1.3. */
export const countedOperations = {
  host_donate_hyp: hostDonateHyp,
  host_donate_hyp_share_ro: hostDonateHypShareRo,
  hyp_donate_host: hypDonateHost,
  host_donate_hyp_mmio: hostDonateHypMmio,
  hyp_donate_host_mmio: hypDonateHostMmio,
  host_share_hyp: hostShareHyp,
  host_unshare_hyp: hostUnshareHyp,
  host_donate_guest: hostDonateGuest,
  host_share_guest: hostShareGuest,
  host_unshare_guest: hostUnshareGuest,
  host_test_clear_young_guest: hostTestClearYoungGuest,
  guest_share_host: guestShareHost,
  guest_unshare_host: guestUnshareHost,
  host_use_dma: hostUseDma,
  host_unuse_dma: hostUnuseDma,
  vm_finalize: vmFinalize,
  vm_teardown: vmTeardown,
} as const satisfies Record<CountedOperationName, Operation>;
