/**
 * A fault is a change of single rules; the rules themselves name no fault. Here a call on a range looks only at the
 * first page of it, and one call shows what that costs: the second page belongs to guest 2, and is given to guest 4.
 */
import { ours } from 'pagewarden/citation';
import { annotation, hostLeaf, PageState } from 'pagewarden';
import {
  call,
  type CallArguments,
  type Fault,
  NEVER_MAPPED,
  PAGE_SIZE,
  PROT_RWX,
  type PkvmRules,
  type PkvmTables,
  specified,
  withFaults,
} from 'pagewarden/pkvm';

const firstPageOnly: Fault<PkvmRules> = {
  name: 'first_page_only',
  about: 'only the first page of a range is looked at',
  source: ours('found here'),
  change: rules => ({
    over: (request, pages) => {
      const all = [...pages];
      const refusal = rules.over(request, all.slice(0, 1));
      return refusal.result === 0 ? rules.carryOut(request, all) : refusal;
    },
  }),
};

const tables: PkvmTables = {
  host: hpa => (hpa === 0x4000n ? annotation(2) : hostLeaf(hpa, PageState.PKVM_PAGE_OWNED)),
  guest: () => NEVER_MAPPED,
  ram: [{ start: 0n, end: 0x10_0000n }],
  vms: [
    { id: 2, kind: 'protected' },
    { id: 4, kind: 'protected' },
  ],
  tablePages: 'available',
};
const args: CallArguments = { hpa: 0x3000n, vm: 4, gpa: 0x10000n, size: 2n * PAGE_SIZE, prot: PROT_RWX };

const right = call(tables, 'host_donate_guest', args);
const wrong = call(tables, 'host_donate_guest', args, withFaults(specified, [firstPageOnly]));
console.log(right.result, right.rule); // -1 donate.request.host.state
console.log(right.why); // host leaf of 0x4000 is NOPAGE owner 2; needed: the host owns the page exclusively (OWNED)
console.log(wrong.result, 'and', wrong.writes.length, 'leaves written'); // 0 and 4 leaves written
