import type { Call, Unit } from '../call-context.ts';
import { asked, type CountedCheck } from '../check.ts';
import { hostRange, mixedRange, rangeChecks } from '../checks/arguments.ts';
import { mmioLeavesAre, walkReaches } from '../checks/leaves.ts';
import { hostPages, pageCheck, type PageSubject, recordChecks } from '../checks/records.ts';
import type { Operation } from '../operation.ts';
import { CountedErrno } from '../outcome.ts';
import { CountedOwner, CountedState } from '../page-state.ts';
import { isMmio } from '../ranges.ts';
import { pin, unpin } from '../steps.ts';
import { facts } from '../../../citation.ts';

/** DMA pins: what the host lets devices use is not given away meanwhile. facts/pkvm-2026.md 1.3. */

const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED } = CountedState;
const { PKVM_ID_HOST } = CountedOwner;

const isDevice = ({ machine, pa, size }: Call): boolean => isMmio(machine, pa, size);

/** The pages of the range where it is RAM. */
const ramPages = (call: Call, unit: Unit): Iterable<PageSubject> =>
  isDevice(call) ? [] : hostPages(call, unit);

const pinnable = (call: Call): readonly (typeof PKVM_PAGE_OWNED | typeof PKVM_PAGE_SHARED_OWNED)[] =>
  call.columns.pins === 'OWNED' ? [PKVM_PAGE_OWNED] : [PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED];

const pinFits: CountedCheck<PageSubject> = pageCheck(
  'pins',
  'the count of pins has room for one more',
  facts.pkvm2026('4', 'J7'),
  ({ refcount }, { columns }) => columns.pinOverflow !== 'ENOSPC' || refcount < columns.countMax,
  CountedErrno.ENOSPC,
);

export const hostUseDma: Operation = {
  name: 'host_use_dma',
  caller: 'host',
  about: 'the host lets a device use its pages, which are pinned; MMIO is only looked at',
  source: facts.pkvm2026('1.3', 'RAM: refcount+1 (65535 -> BUG); MMIO: nothing recorded'),
  takes: ['pa', 'size'],
  returns: 'error',
  bugIn: 'pkvm_host_use_dma',
  inquiries: call => [
    rangeChecks('pa'),
    mixedRange(CountedErrno.EINVAL),
    ...(isDevice(call)
      ? [walkReaches(({ machine }) => machine.host, hostRange), mmioLeavesAre('host')]
      : [asked(ramPages, [...recordChecks(pinnable(call), PKVM_ID_HOST), pinFits])]),
  ],
  steps: call => (isDevice(call) ? [] : [pin]),
};

export const hostUnuseDma: Operation = {
  name: 'host_unuse_dma',
  caller: 'host',
  about: 'a device no longer uses the pages; what does not fit is warned of and left alone',
  source: facts.pkvm2026('1.3', 'state/owner not OWNED\\|SO/HOST: WARN, nothing; refcount 0 -> BUG'),
  takes: ['pa', 'size'],
  returns: 'nothing',
  bugIn: 'pkvm_page_ref_dec',
  inquiries: call => [
    rangeChecks('pa', 'nothing'),
    mixedRange('nothing'),
    asked(ramPages, recordChecks(pinnable(call), PKVM_ID_HOST, { answer: 'nothing' })),
  ],
  steps: call => (isDevice(call) ? [] : [unpin]),
};
