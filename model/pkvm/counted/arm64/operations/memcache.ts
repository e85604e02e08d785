import { facts } from '../../../../citation.ts';
import { CountedErrno } from '../../outcome.ts';
import { type Arm64Call, type Arm64Unit, wholeCall } from '../call-context.ts';
import { arm64CallOf } from '../call-context.ts';
import type { Arm64Step } from '../steps.ts';
import { type Arm64Operation, hostDonateHyp } from './hyp.ts';

/** Fills the memcache from a list of the host, one donation a page; the first that is refused ends it. */
const fill: Arm64Step = {
  name: 'memcache.fill',
  about: 'pages are taken from the list of the host until the memcache holds enough',
  run: (_, call, effects) => {
    const pfns = [...call.pfns];
    while (call.machine.memcache(call.vm) < call.min) {
      const pfn = pfns.shift();
      if (pfn === undefined)
        return { answer: CountedErrno.ENOMEM, why: 'the list of the host is at its end' };
      const why = donated(call, pfn, effects);
      if (why !== undefined) return { answer: CountedErrno.ENOMEM, why };
      call.machine.addToMemcache(call.vm);
    }
    return undefined;
  },
};

/** Donates one page; why not, where it is refused. */
function donated(
  { machine, columns }: Arm64Call,
  pfn: bigint,
  effects: Parameters<Arm64Step['run']>[2],
): string | undefined {
  const call = arm64CallOf(machine, columns, { pfn, nr: 1n });
  const unit: Arm64Unit = wholeCall(call);
  for (const inquiry of hostDonateHyp.inquiries(call)) {
    const failure = inquiry.firstFailure(call, unit, () => true);
    if (failure !== undefined) return failure.why;
  }
  for (const step of hostDonateHyp.steps(call)) step.run(unit, call, effects);
  return undefined;
}

export const refillMemcache: Arm64Operation = {
  name: 'refill_memcache',
  caller: 'host',
  about: 'the vCPU gets pages for tables; those that were taken before one is refused stay taken',
  source: facts.arm64Record('3', 'host list copied once; donate_hyp per page, first refusal -ENOMEM'),
  takes: ['vm', 'min', 'pfns'],
  returns: 'error',
  bugIn: 'refill_memcache',
  inquiries: () => [],
  steps: () => [fill],
};
