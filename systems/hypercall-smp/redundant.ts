/**
 * Locks that one could do without, as the model has it: each was left out, taken late or given back early, every
 * state of the profiles was explored, and nothing was violated. They are no mutants, because they are no faults that
 * anybody could see here; that the specification takes them all the same is pKVM's own simplicity (one order, both
 * locks) and protects what the model does not have, such as table pages that are split or freed.
 */
export const redundant: readonly { readonly mutant: string; readonly because: string }[] = [
  {
    mutant: 'host_donate_hyp: host lock released early',
    because: 'the hypervisor keeps no state of its own: complete writes nothing',
  },
  ...['host_share_guest', 'host_donate_guest'].map(call => ({
    mutant: `${call}: host lock released early`,
    because: "what is still to be written is the guest's leaf, which the guest's lock covers",
  })),
  ...['left out', 'released early'].flatMap(fault =>
    ['host_share_guest', 'host_undonate_guest'].map(call => ({
      mutant: `${call}: guest lock ${fault}`,
      because:
        "whoever else writes the guest's leaf, or reads it to act on it, holds the host EPT's lock or finds the leaf in another state",
    })),
  ),
  ...['left out', 'taken late'].flatMap(fault =>
    ['guest_share_host', 'guest_unshare_host'].map(call => ({
      mutant: `${call}: host lock ${fault}`,
      because: "the host leaf of a page that a guest owns changes only under that guest's lock",
    })),
  ),
  {
    mutant: 'guest_share_host: guest lock released early',
    because:
      "from its first write on, whoever acts on the guest's leaf needs the host EPT's lock, which it holds",
  },
  {
    mutant: 'guest_share_host: host lock released early',
    because: "the host leaf of a page that a guest owns changes only under that guest's lock",
  },
];
