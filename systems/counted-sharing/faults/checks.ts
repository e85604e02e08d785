import { facts } from '../../../model/citation.ts';
import { faultOf } from '../../../model/fault.ts';
import { type CountedOperationName } from '../../../model/pkvm/counted/index.ts';
import type { TriedFault } from '../../system.ts';
import type { SharingRules } from '../rules.ts';
import { withoutChecks } from './steps.ts';

const fault = faultOf<SharingRules>();

/** Checks that stand alone between a bad call and the words, by operation. */
const checks: Readonly<Partial<Record<CountedOperationName, readonly string[]>>> = {
  host_donate_hyp: ['page.state', 'page.unpinned'],
  host_donate_hyp_share_ro: ['page.state', 'page.unpinned'],
  host_share_hyp: ['page.state', 'page.count'],
  host_donate_guest: ['vm.protected', 'vm.finalized', 'page.state', 'page.unpinned', 'leaf.state'],
  host_share_guest: ['vm.normal', 'leaf.state', 'page.state', 'page.count'],
  host_unshare_guest: ['leaf.state'],
  guest_share_host: ['leaf.state'],
  guest_unshare_host: ['leaf.state'],
  host_use_dma: ['page.state'],
};

/** One fault for each. */
export const checksLeftOut: readonly TriedFault<SharingRules>[] = Object.entries(checks).flatMap(
  ([operation, names]) =>
    names.map(name => ({
      ...fault(
        `${operation} without ${name}`,
        `${operation} does not ask ${name}`,
        facts.pkvm2026('1.3', operation),
        withoutChecks([operation as CountedOperationName], [name]),
      ),
      ...(name === 'leaf.state' ? { profile: 'faults' } : {}),
      ...(operation === 'host_share_guest' && name === 'page.count' ? { profile: 'block' } : {}),
    })),
);
