/**
 * Orders that make no difference as long as a miss waits for the lock and the flush is where it is: each was
 * swapped, every state of its profile was explored, and nothing was violated. They are no faults, but what
 * `docs/guarded-page.md` need not ask for.
 */
const underLock = 'nobody looks at the vectors before the lock is given back: a miss waits';
const afterUnmap = 'the leaf is unmapped and the flush still comes: nothing walks to the vector';
const denies = 'what is cached beside the SPPT leads to words that are 0, which permit nothing';

export const redundant: readonly { readonly mutant: string; readonly because: string }[] = [
  {
    mutant: 'host_undonate_guest: forget before initiate',
    because: 'what is remembered is looked at by misses and by sharing alone, and both wait for the lock',
  },
  { mutant: 'host_undonate_guest: scrub before forget', because: underLock },
  { mutant: 'host_undonate_guest: flush before scrub', because: afterUnmap },
  {
    mutant: 'host_unshare_guest: complete before initiate',
    because: 'the host maps the page all the time; only its state changes, which no processor looks at',
  },
  { mutant: 'host_unshare_guest: forget before complete', because: underLock },
  { mutant: 'host_unshare_guest: scrub before forget', because: underLock },
  { mutant: 'host_unshare_guest: flush before scrub', because: afterUnmap },
  {
    mutant: 'guest_share_host: complete before initiate',
    because:
      "the guest's leaf changes its state only, and the host's leaf gives the host what it asked for",
  },
  {
    mutant: 'guest_unshare_host: complete before initiate',
    because: "the guest's leaf changes its state only, and the host loses the page in either order",
  },
  { mutant: 'spp_set: scrub before invalidate', because: 'a word of 0 permits nothing' },
  { mutant: 'spp_set: record before scrub', because: underLock },
  { mutant: 'spp_set: mark before record', because: underLock },
  { mutant: 'spp_enable: link before wipe', because: 'what is linked is not valid before the first miss' },
  { mutant: 'spp_disable: forget before open', because: underLock },
  { mutant: 'spp_disable: unlink before forget', because: underLock },
  {
    mutant: 'spp_disable: flush before unlink',
    because: 'every leaf is open by then, so that no processor walks the SPPT and caches it again',
  },
  { mutant: 'spp_disable: wipe before flush', because: denies },
];
