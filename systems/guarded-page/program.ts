/** What calls this system has. */
export type CallName =
  | 'host_donate_guest'
  | 'host_share_guest'
  | 'host_undonate_guest'
  | 'host_unshare_guest'
  | 'guest_share_host'
  | 'guest_unshare_host'
  | 'spp_set'
  | 'spp_enable'
  | 'spp_disable';

/**
 * One step of a call: guests run between any two of them, other calls do not. `check` takes the lock, the last step
 * gives it back.
 */
export type StepName =
  | 'check'
  /** What the initiator and the completer of the page-state API write. */
  | 'initiate'
  | 'complete'
  /** The remembered vector becomes full; the vector's word in the SPPT becomes 0. */
  | 'forget'
  | 'scrub'
  /** The region's entry one level up becomes invalid; the vector is remembered; the leaf obeys it. */
  | 'invalidate'
  | 'record'
  | 'mark'
  | 'flush'
  /** The SPPT's page is zeroed, linked and unlinked; every leaf of the guest obeys a full vector. */
  | 'wipe'
  | 'link'
  | 'open'
  | 'unlink';

export type Program = readonly StepName[];

const maps: Program = ['check', 'initiate', 'complete'];

/** The steps of each call, in order. Each is needed, and most of the orders: `faults.ts` says why. */
export const programs: Readonly<Record<CallName, Program>> = {
  host_donate_guest: maps,
  host_share_guest: maps,
  // the guest is unmapped first; nothing permits any more before the host maps the page: facts/pkvm.md 4, I8
  host_undonate_guest: ['check', 'initiate', 'forget', 'scrub', 'flush', 'complete'],
  // the host never lost the page: the order of the page-state API, and the flush ends it
  host_unshare_guest: ['check', 'initiate', 'complete', 'forget', 'scrub', 'flush'],
  guest_share_host: maps,
  guest_unshare_host: maps,
  spp_set: ['check', 'invalidate', 'scrub', 'record', 'mark', 'flush'],
  spp_enable: ['check', 'initiate', 'wipe', 'link'],
  spp_disable: ['check', 'open', 'forget', 'unlink', 'flush', 'wipe', 'complete'],
};
