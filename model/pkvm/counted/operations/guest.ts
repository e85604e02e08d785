import type { Call, Unit } from '../call-context.ts';
import { asked, type Inquiry } from '../check.ts';
import { guestRange, inOneMemblock, rangeChecks, vmIs, whole } from '../checks/arguments.ts';
import { guestLeavesAre, mappedPagesAre } from '../checks/leaves.ts';
import { hostPages, hostPageChecks, sharingChecks } from '../checks/records.ts';
import type { Operation } from '../operation.ts';
import { CountedErrno } from '../outcome.ts';
import { CountedOwner, CountedState } from '../page-state.ts';
import { guestProt } from '../leaf-word.ts';
import { runsOf } from '../runs.ts';
import {
  countShare,
  loadFirmware,
  mapGuest,
  markGuest,
  testYoung,
  uncountShare,
  unmapGuest,
  unmapHost,
} from '../steps.ts';
import { facts } from '../../../citation.ts';

/** What the host does with a guest's pages. facts/pkvm-2026.md 1.3. */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST } = CountedOwner;

const isFinalized = asked(whole, [
  {
    name: 'vm.finalized',
    answer: CountedErrno.EPERM,
    rule: 'the VM is finalized',
    source: facts.pkvm2026('1.3', '**VM finalized** (acquire) else -EPERM'),
    holds: ({ machine, vm, columns }) =>
      !columns.donationNeedsFinalized || machine.vm(vm)?.isFinalized === true,
    found: ({ vm }) => `VM ${vm} is not finalized`,
  },
]);

/** The table pages that the call needs are there: asked only where the revision asks before it changes anything. */
const tablePages = (rule: string, canBeHad: (call: Call) => boolean): Inquiry =>
  asked(whole, [
    {
      name: 'tables.pages',
      answer: CountedErrno.ENOMEM,
      rule,
      source: facts.pkvm2026('4', 'J9'),
      holds: call => call.columns.hostCallMemory !== 'reserved first' || canBeHad(call),
      found: ({ vm }) => `no page can be had for the tables of VM ${vm}`,
    },
  ]);

const mapsInGuest = (state: CountedState): Inquiry =>
  tablePages('the pages that the mapping needs for tables can be had', call =>
    call.machine
      .guest(call.vm)
      .canMap(guestRange(call), call.pa, guestProt(state, call.writable), 'pool or memcache'),
  );

export const hostDonateGuest: Operation = {
  name: 'host_donate_guest',
  caller: 'host',
  about: 'the host gives pages to a protected VM',
  source: facts.pkvm2026('1.3', 'VM protected else WARN -EPERM'),
  takes: ['vm', 'gpa', 'pa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_host_donate_guest',
  inquiries: () => [
    rangeChecks('gpa'),
    rangeChecks('pa'),
    vmIs('protected'),
    isFinalized,
    inOneMemblock(),
    hostPageChecks([PKVM_PAGE_OWNED], PKVM_ID_HOST, { unpinned: true }),
    ...guestLeavesAre(PKVM_PAGE_NONE),
    mapsInGuest(PKVM_PAGE_OWNED),
  ],
  steps: () => [unmapHost, markGuest, loadFirmware, mapGuest(PKVM_PAGE_OWNED)],
};

export const hostShareGuest: Operation = {
  name: 'host_share_guest',
  caller: 'host',
  about: 'the host lets a normal VM use pages; one page may be shared at several gpas and with several VMs',
  source: facts.pkvm2026('1.3', 'same page at several gpas/VMs allowed'),
  takes: ['vm', 'gpa', 'pa', 'size', 'writable'],
  returns: 'error',
  bugIn: 'pkvm_host_share_guest',
  inquiries: () => [
    rangeChecks('gpa'),
    rangeChecks('pa'),
    inOneMemblock(),
    vmIs('normal'),
    ...guestLeavesAre(PKVM_PAGE_NONE),
    asked(hostPages, sharingChecks('guestShares')),
    mapsInGuest(PKVM_PAGE_SHARED_BORROWED),
  ],
  steps: () => [countShare('guestShares'), mapGuest(PKVM_PAGE_SHARED_BORROWED)],
};

/** The runs of the guest range: each is applied in one go. facts/pkvm-2026.md 1.2, R3. */
export function runUnits(call: Call): Unit[] {
  const runs = runsOf(call.machine.guest(call.vm), guestRange(call)) ?? [];
  return runs.map(({ start, size, phys, prot }) => ({ gpa: start, hpa: phys, size, prot }));
}

export const hostUnshareGuest: Operation = {
  name: 'host_unshare_guest',
  caller: 'host',
  about: 'the host takes shared pages back from a VM; every page loses one share',
  source: facts.pkvm2026('1.3', 'per run: guest unmap (phys asserted), guest_count-1, 0 -> OWNED'),
  takes: ['vm', 'gpa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_host_unshare_guest',
  inquiries: () => [
    rangeChecks('gpa'),
    ...guestLeavesAre(PKVM_PAGE_SHARED_BORROWED),
    ...mappedPagesAre(PKVM_PAGE_SHARED_OWNED, PKVM_ID_HOST),
    tablePages('the pages that splitting large leaves needs can be had', call =>
      call.machine.guest(call.vm).canUnmap(runsOf(call.machine.guest(call.vm), guestRange(call)) ?? []),
    ),
  ],
  units: runUnits,
  steps: () => [unmapGuest, uncountShare('guestShares', '__host_unshare_guest')],
};

export const hostTestClearYoungGuest: Operation = {
  name: 'host_test_clear_young_guest',
  caller: 'host',
  about: 'the host asks whether a normal VM has used pages since',
  source: facts.pkvm2026('1.3', '1 if any accessed bit, cleared if mkold; walk error only WARN and 0'),
  takes: ['vm', 'gpa', 'size', 'mkold'],
  returns: 'error',
  bugIn: 'pkvm_host_test_clear_young_guest',
  inquiries: () => [rangeChecks('gpa'), vmIs('normal')],
  steps: () => [testYoung],
};
