import { hostRange, looseRangeChecks, inOneMemblock, onlyMmio, rangeChecks } from '../checks/arguments.ts';
import { walkReaches, mmioLeavesAre } from '../checks/leaves.ts';
import { hostPages, hostPageChecks, sharingChecks } from '../checks/records.ts';
import { asked } from '../check.ts';
import { BUG } from '../outcome.ts';
import type { Operation } from '../operation.ts';
import { CountedOwner, CountedState } from '../page-state.ts';
import {
  annotateHost,
  clear,
  countShare,
  mapHost,
  mapHostMmio,
  mapHostReadOnly,
  markHost,
  markHyp,
  markHypShared,
  uncountShare,
  unmapHost,
} from '../steps.ts';
import { facts } from '../../../citation.ts';

/** What goes between the host and the hypervisor. facts/pkvm-2026.md 1.3. */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST, PKVM_ID_HYP } = CountedOwner;

const hostAlone = [
  rangeChecks('pa'),
  inOneMemblock(),
  hostPageChecks([PKVM_PAGE_OWNED], PKVM_ID_HOST, { unpinned: true }),
];

export const hostDonateHyp: Operation = {
  name: 'host_donate_hyp',
  caller: 'host',
  about: 'the host gives pages away for what the hypervisor keeps of VMs, vCPUs and tables',
  source: facts.pkvm2026('1.3', 'host EPT unmap (leaf 0), NONE/HYP'),
  takes: ['pa', 'size', 'clear'],
  returns: 'error',
  bugIn: 'pkvm_host_donate_hyp',
  inquiries: () => hostAlone,
  steps: () => [unmapHost, markHyp, clear],
};

export const hostDonateHypShareRo: Operation = {
  name: 'host_donate_hyp_share_ro',
  caller: 'host',
  about: 'the host gives pages away and may still read them: the tables of the IOMMU',
  source: facts.pkvm2026('1.3', 'host leaf r-x, WB (0x35)'),
  takes: ['pa', 'size', 'clear'],
  returns: 'error',
  bugIn: 'pkvm_host_donate_hyp_share_ro',
  inquiries: () => hostAlone,
  steps: () => [mapHostReadOnly, markHypShared, clear],
};

export const hypDonateHost: Operation = {
  name: 'hyp_donate_host',
  caller: 'hyp',
  about: 'the hypervisor gives back what the host gave it; what does not fit is a bug of its own',
  source: facts.pkvm2026('1.3', 'R2 state NONE **or SB**, owner HYP; any failure **BUG**'),
  takes: ['pa', 'size', 'clear'],
  returns: 'nothing',
  bugIn: 'pkvm_hyp_donate_host',
  early: { asks: [rangeChecks('pa', BUG)], does: [clear] },
  inquiries: () => [
    inOneMemblock(BUG),
    hostPageChecks([PKVM_PAGE_NONE, PKVM_PAGE_SHARED_BORROWED], PKVM_ID_HYP, { answer: BUG }),
  ],
  steps: () => [mapHost, markHost],
};

const mmioRange = [rangeChecks('pa'), onlyMmio(), walkReaches(({ machine }) => machine.host, hostRange)];

export const hostDonateHypMmio: Operation = {
  name: 'host_donate_hyp_mmio',
  caller: 'hyp',
  about: 'at start the hypervisor takes MMIO for itself; who has it is not asked',
  source: facts.pkvm2026('1.3', 'current owner not checked'),
  takes: ['pa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_host_donate_hyp_mmio',
  inquiries: () => mmioRange,
  steps: () => [annotateHost],
};

export const hypDonateHostMmio: Operation = {
  name: 'hyp_donate_host_mmio',
  caller: 'host',
  about: 'the host has touched MMIO that is not mapped yet, and gets it',
  source: facts.pkvm2026('1.3', 'every leaf not present, owner HYP, state NONE -> -EPERM'),
  takes: ['pa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_hyp_donate_host_mmio_locked',
  inquiries: () => [...mmioRange, mmioLeavesAre('hypervisor')],
  steps: () => [mapHostMmio],
};

export const hostShareHyp: Operation = {
  name: 'host_share_hyp',
  caller: 'host',
  about: 'the host lets the hypervisor use pages that stay the host’s; every share counts',
  source: facts.pkvm2026('1.3', 'all: SO, hyp_count+1. DMA pins do not matter'),
  takes: ['pa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_host_share_hyp',
  inquiries: () => [looseRangeChecks(), inOneMemblock(), asked(hostPages, sharingChecks('hypShares'))],
  steps: () => [countShare('hypShares')],
};

export const hostUnshareHyp: Operation = {
  name: 'host_unshare_hyp',
  caller: 'hyp',
  about: 'the hypervisor no longer uses pages of the host',
  source: facts.pkvm2026('1.3', 'hyp_count-1; 0 -> OWNED'),
  takes: ['pa', 'size'],
  returns: 'nothing',
  bugIn: 'pkvm_host_unshare_hyp',
  inquiries: () => [
    looseRangeChecks(BUG),
    inOneMemblock(BUG),
    hostPageChecks([PKVM_PAGE_SHARED_OWNED], PKVM_ID_HOST, { answer: BUG }),
  ],
  steps: () => [uncountShare('hypShares', 'pkvm_host_unshare_hyp')],
};
