import { facts } from '../../../model/citation.ts';
import { faultOf } from '../../../model/fault.ts';
import {
  BUG,
  CountedErrno,
  CountedState,
  hostProt,
  leafValue,
  PkvmPage,
  recordOf,
  type Step,
  type Unit,
  withState,
} from '../../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../../model/pkvm/index.ts';
import type { TriedFault } from '../../system.ts';
import type { SharingRules } from '../rules.ts';
import { firstPage, inSteps, leftOut, replaced, step, unflushed, withoutChecks } from './steps.ts';

const fault = faultOf<SharingRules>();
const bugs = (id: string): ReturnType<typeof facts.pkvmBugs2026> => facts.pkvmBugs2026('1', id);
const suggested = (words: string): ReturnType<typeof facts.pkvmBugs2026> => facts.pkvmBugs2026('3', words);

/** Whether the record of the first page of a unit is pinned. */
const isPinned = (unit: Unit, call: Parameters<Step['run']>[1]): boolean =>
  recordOf(call.machine.record(unit.hpa)).refcount > 0;

/** What real code of 2025 and 2026 did, x86. */
export const x86Stories: readonly TriedFault<SharingRules>[] = [
  {
    ...fault(
      'B27',
      'a size of 0 and a range that wraps are accepted: no page is visited, and the call succeeds',
      bugs('B27'),
      withoutChecks(
        ['host_share_hyp', 'host_use_dma', 'host_donate_hyp', 'host_donate_hyp_share_ro'],
        ['pa.size', 'pa.wrap', 'pa.memblock', 'pa.mixed'],
      ),
    ),
    profile: '2p2g',
  },
  fault(
    'B30',
    'pages are donated to a protected VM before it is finalized',
    bugs('B30'),
    withoutChecks(['host_donate_guest'], ['vm.finalized']),
  ),
  {
    ...fault(
      'B32',
      'guest_unshare_host is given no memcache, and the page that splitting needs is missing after the host was unmapped',
      bugs('B32'),
      ({ columns }) => ({
        columns: { ...columns, guestCallMemory: 'found out on the way, taken back', unsharePages: 'pool' },
      }),
    ),
    profile: 'block-protected',
  },
  {
    ...fault(
      'B33',
      'a partial unshare that fails for want of a page is found out after the first run',
      bugs('B33'),
      ({ columns }) => ({ columns: { ...columns, hostCallMemory: 'found out on the way, kept' } }),
    ),
    profile: 'block',
  },
  fault(
    'B34',
    'whoever unshares does not wait for vCPUs that still use the old translation',
    bugs('B34'),
    inSteps(['host_unshare_guest'], unflushed('guest.unmap')),
  ),
  {
    ...fault(
      'B38',
      'unmapping part of what a device maps drops the pin of another page',
      bugs('B38'),
      inSteps(
        ['host_unuse_dma'],
        replaced(
          'record.unpin',
          ({ run }) =>
            (unit, call, effects) =>
              run(
                {
                  ...unit,
                  hpa: unit.hpa === call.machine.memblocks[0]?.start ? unit.hpa + PAGE_SIZE : unit.hpa,
                },
                call,
                effects,
              ),
        ),
      ),
    ),
    profile: 'faults',
  },
  fault(
    'B40',
    'an error path forgets a page that was given read-only: nobody gives it back',
    bugs('B40'),
    ({ heldAfter }) => ({
      heldAfter: (name, held) => (name === 'host_donate_hyp_share_ro' ? held : heldAfter(name, held)),
    }),
  ),
  fault('B43', 'two teardowns return the same page', bugs('B43'), ({ heldAfter }) => ({
    heldAfter: (name, held) => (name === 'hyp_donate_host' ? held : heldAfter(name, held)),
  })),
  fault(
    'B49',
    "the guest's share hypercall does nothing and succeeds",
    bugs('B49'),
    inSteps(['guest_share_host'], () => []),
  ),
  fault(
    'B50',
    'the guest ignores the result of unshare, and takes the page for its own again',
    bugs('B50'),
    ({ believesShared }) => ({
      believesShared: (name, before, result) =>
        name === 'guest_unshare_host' ? false : believesShared(name, before, result),
    }),
  ),
  {
    ...fault(
      'B51',
      'donate_guest changes the host side, and looks at the guest page afterwards: no way back',
      bugs('B51'),
      rules => ({
        ...withoutChecks(['host_donate_guest'], ['leaf.state'])(rules),
        ...inSteps(['host_donate_guest'], steps =>
          steps.flatMap(own =>
            own.name === 'guest.map'
              ? [
                  step('guest.check', 'the guest page is looked at', ({ gpa, size }, { machine, vm }) =>
                    [...machine.guest(vm).leaves({ start: gpa, size })].some(
                      ({ word }) => leafValue(word).isPresent,
                    )
                      ? { answer: CountedErrno.EPERM, why: 'the guest has mapped something there' }
                      : undefined,
                  ),
                  own,
                ]
              : [own],
          ),
        )(rules),
      }),
    ),
    profile: 'faults',
  },
  fault(
    'B53',
    'donation passes with pins, and the check in unuse_dma is dropped',
    bugs('B53'),
    withoutChecks(['host_donate_guest'], ['page.unpinned']),
  ),
  {
    ...fault(
      'B54',
      'donate_guest keeps the host side changed where the guest’s table cannot be made',
      bugs('B54'),
      rules => ({
        ...withoutChecks(['host_donate_guest'], ['tables.pages'])(rules),
      }),
    ),
    profile: 'short',
  },
  {
    ...fault(
      'B55',
      'share_guest keeps the count where the guest’s table cannot be made',
      bugs('B55'),
      withoutChecks(['host_share_guest'], ['tables.pages']),
    ),
    profile: 'short',
  },
  {
    ...fault('B56', 'the pin that does not fit its counter panics', bugs('B56'), ({ columns }) => ({
      columns: { ...columns, pinOverflow: 'BUG' },
    })),
    profile: 'short',
  },
  {
    ...fault(
      'B57',
      'an unshare of several runs stops in the middle for want of a page',
      bugs('B57'),
      withoutChecks(['host_unshare_guest'], ['tables.pages']),
    ),
    profile: 'block',
  },
  fault(
    'B59',
    'a table of the IOMMU is freed without dropping the pins of its leaves',
    bugs('B59'),
    () => ({ unpinsUnmapped: false }),
  ),
  fault(
    'B60',
    'a refused donation is asserted: a pinned page that is offered panics the machine',
    bugs('B60'),
    rules => ({
      ...withoutChecks(['host_donate_hyp'], ['page.unpinned'])(rules),
      ...inSteps(['host_donate_hyp'], steps => [
        step('record.assert', 'the donation is asserted', (unit, call) =>
          isPinned(unit, call) ? { answer: BUG, why: 'a pin' } : undefined,
        ),
        ...steps,
      ])(rules),
    }),
  ),
  {
    ...fault(
      'B61',
      'MMIO goes down the path of RAM, and is donated to a guest',
      bugs('B61'),
      withoutChecks(['host_donate_guest'], ['pa.memblock']),
    ),
    profile: '2p2g',
  },
  fault('B62', 'the hypervisor gives back a page that it was never given', bugs('B62'), ({ mayAsk }) => ({
    mayAsk: (name, held) => name === 'hyp_donate_host' || mayAsk(name, held),
  })),
];

/** The rest of what was suggested: what a page's record, leaf and count can show. facts/pkvm-bugs-2026.md 3. */
export const suggestedFaults: readonly TriedFault<SharingRules>[] = [
  {
    ...fault(
      'shared with both',
      'share_hyp takes a page that is shared with guests',
      suggested('share_hyp without the "guest_count" case'),
      withoutChecks(['host_share_hyp'], ['page.record', 'page.state']),
    ),
  },
  fault(
    'given back by anybody',
    'hyp_donate_host does not compare the owner, and is asked for any page',
    suggested('owner not compared in hyp_donate_host'),
    rules => ({
      ...withoutChecks(['hyp_donate_host'], ['page.owner'])(rules),
      mayAsk: (name, held) => name === 'hyp_donate_host' || rules.mayAsk(name, held),
    }),
  ),
  fault(
    'read-only not taken back',
    'hyp_donate_host accepts NONE only: a page that was given read-only panics',
    suggested('hyp_donate_host accepting only NONE'),
    inSteps(['hyp_donate_host'], steps => [
      step('record.none', 'the state is NONE', ({ hpa }, { machine }) =>
        recordOf(machine.record(hpa)).hostState === 0 ? undefined : { answer: BUG, why: 'not NONE' },
      ),
      ...steps,
    ]),
  ),
  fault(
    'read-only written',
    'a page that is given read-only stays writable for the host',
    suggested('share_ro leaving the write bit'),
    inSteps(
      ['host_donate_hyp_share_ro'],
      replaced('host.map_read_only', () => ({ hpa, size }, { machine: { host } }) => {
        host.map({ start: hpa, size }, hpa, hostProt.ram, 'pool');
        return undefined;
      }),
    ),
  ),
  fault(
    'not wiped',
    'the end of a VM does not wipe what the guest had not shared',
    suggested('teardown without wipe'),
    inSteps(['vm_teardown'], (steps, call) =>
      call.machine.vm(call.vm)?.isProtected === true ? leftOut('memory.wipe')(steps, call) : steps,
    ),
  ),
  fault(
    'not uncounted at the end',
    'the end of a VM forgets that its leaves were counted',
    suggested('teardown forgetting count-1'),
    inSteps(['vm_teardown'], (steps, call) =>
      call.machine.vm(call.vm)?.isProtected === true ? steps : leftOut('record.guest_unshare')(steps, call),
    ),
  ),
  fault(
    'unshared and still mapped',
    'guest_unshare_host changes the state and leaves the host its mapping',
    suggested('guest_unshare clearing host state without unmap'),
    inSteps(['guest_unshare_host'], leftOut('host.unmap')),
  ),
  fault(
    'host not flushed',
    'guest_unshare_host unmaps the host and does not flush',
    suggested('no host flush on unshare'),
    inSteps(['guest_unshare_host'], unflushed('host.unmap')),
  ),
  fault(
    'donated and not flushed',
    'donate_guest unmaps the host and does not flush',
    facts.pkvm2026('1.2', 'R6'),
    inSteps(['host_donate_guest'], unflushed('host.unmap')),
  ),
  fault(
    'one share too many',
    'the count of shares is tested after it was raised',
    suggested('-ENOSPC off by one'),
    withoutChecks(['host_share_hyp'], ['page.count']),
  ),
  {
    ...fault(
      'second page not asked',
      'of a range the state of the first page alone is looked at, and all of it is given',
      suggested("state tested but not the unit's second page (range)"),
      rules => ({
        ...withoutChecks(['host_donate_hyp'], ['page.state', 'page.owner', 'page.unpinned'])(rules),
        ...inSteps(['host_donate_hyp'], steps => [
          step('record.first', 'the first page is looked at', (unit, { machine }) => {
            const { hostState, owner, refcount } = recordOf(machine.record(firstPage(unit).hpa));
            const isHosts = hostState === 1 && owner === 0 && refcount === 0;
            return isHosts ? undefined : { answer: CountedErrno.EPERM, why: 'the first page is not OWNED' };
          }),
          ...steps,
        ])(rules),
      }),
    ),
    profile: '2p2g',
  },
  fault(
    'counted, not shared',
    'share_guest counts and leaves the state of the page',
    facts.pkvm2026('1.3', 'SO, guest_count+1; guest map rwx or r-x, SB'),
    inSteps(
      ['host_share_guest'],
      replaced('record.guest_share', () => ({ hpa }, { machine }) => {
        const word = machine.record(hpa);
        machine.setRecord(hpa, PkvmPage.with(word, { guestShares: recordOf(word).guestShares + 1 }));
        return undefined;
      }),
    ),
  ),
  {
    ...fault(
      'more rights than granted',
      'share_guest maps the page to write, whatever was asked',
      facts.pkvm('4', 'I13'),
      inSteps(
        ['host_share_guest'],
        replaced(
          'guest.map',
          ({ run }) =>
            (unit, call, effects) =>
              run(unit, { ...call, writable: true }, effects),
        ),
      ),
    ),
    profile: '2p2g',
  },
  fault(
    'no state in the leaf',
    'share_guest maps the page without its state',
    facts.pkvm('4', 'I5'),
    inSteps(
      ['host_share_guest'],
      replaced('guest.map', () => ({ gpa, hpa, size }, { machine, vm }) => {
        machine.guest(vm).map({ start: gpa, size }, hpa, hostProt.ram, 'pool or memcache');
        return undefined;
      }),
    ),
  ),
  fault(
    'comes back uncacheable',
    'hyp_donate_host maps RAM as if it were MMIO',
    facts.pkvm('4', 'I11'),
    inSteps(
      ['hyp_donate_host'],
      replaced('host.map', () => ({ hpa, size }, { machine: { host } }) => {
        host.map({ start: hpa, size }, hpa, withState(hostProt.mmio, CountedState.PKVM_PAGE_NONE), 'pool');
        return undefined;
      }),
    ),
  ),
  fault(
    'pinned is busy',
    'a pinned page is refused with an error number that the API does not have',
    facts.pkvm2026('3', '-EBUSY = -16 for pinned'),
    rules => ({
      ...withoutChecks(['host_donate_hyp'], ['page.unpinned'])(rules),
      ...inSteps(['host_donate_hyp'], steps => [
        step('record.busy', 'a pinned page is refused', (unit, call) =>
          isPinned(unit, call) ? { answer: CountedErrno.EBUSY, why: 'a pin' } : undefined,
        ),
        ...steps,
      ])(rules),
    }),
  ),
];
