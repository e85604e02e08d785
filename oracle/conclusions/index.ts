import type { Fact, LoggedEvent } from '../../evidence/paste/index.ts';
import type { Conclusion, Said } from './conclusion.ts';
import { concludeEvents } from './events.ts';
import { concludeExit, type ExitRecord, exitRecordsOf } from './exit-record.ts';
import { concludeHierarchy, hierarchiesOf } from './hierarchy.ts';
import { capabilitiesSaid, concludeScope, concludeSingle } from './other.ts';
import { concludeTrace } from './trace.ts';

export type { Conclusion, Said } from './conclusion.ts';

/** How many conclusions of single lines are drawn: a log repeats itself. */
const maxSingles = 40;

/** Puts facts together and says what the specification says of them. */
export function conclude(
  facts: readonly Fact[],
  said: Said,
  events: readonly LoggedEvent[] = [],
): readonly Conclusion[] {
  const scope = concludeScope(facts);
  const records = exitRecordsOf(facts);
  const exceptions = exceptionRecordsOf(facts, records);
  const capabilities = capabilitiesSaid(facts);
  const stated = exceptions.at(-1) ?? records.at(-1);
  const isAmd = scope.length > 0;
  const trace = isAmd ? [] : concludeTrace(facts);
  const isForeign = isAmd || trace.some(({ verdict }) => verdict === 'out of scope');
  const judged = concludeEvents(isForeign ? events.filter(({ read }) => !isOfKvm(read)) : events);
  const isTold = judged.some(({ verdict }) => verdict !== 'unknown');
  const singles = facts.filter(fact => !(isTold && isRefusedAccess(fact)));
  return [
    ...scope,
    ...records.filter(hasExit).map(concludeExit),
    ...exceptions.map(record => ({
      ...concludeExit(record),
      about: 'the information area of a virtualization exception (#VE)',
    })),
    ...(isAmd ? [] : hierarchiesOf(facts).slice(0, maxSingles)).map(hierarchy =>
      concludeHierarchy(hierarchy, stated, said, capabilities),
    ),
    ...trace,
    ...judged,
    ...singles.flatMap(fact => concludeSingle(fact, said) ?? []).slice(0, maxSingles),
  ];
}

/** Of another kind of paging there is nothing to hold an event of KVM against. */
const isOfKvm = ({ kind }: LoggedEvent['read']): boolean => kind === 'kvm' || kind === 'unparsed';

/** Judged as an event where the calls before it are in the log. */
const isRefusedAccess = (fact: Fact): boolean =>
  fact.kind === 'pkvm' && fact.what === 'host touched protected memory';

const hasExit = (record: ExitRecord): boolean => record.size > 0;

/** An information area tells of an EPT violation that became a #VE, under the controls of the VMCS beside it. */
function exceptionRecordsOf(facts: readonly Fact[], records: readonly ExitRecord[]): readonly ExitRecord[] {
  const beside = records.at(-1);
  return facts.flatMap(fact => {
    if (fact.kind !== 've-info') return [];
    const at = (value: bigint) => ({ value, line: fact.line });
    return [
      new Map([
        ...(beside ?? new Map()),
        ['exitReason', at(fact.reason)],
        ['exitQualification', at(fact.qualification)],
        ['guestPhysicalAddress', at(fact.gpa)],
        ['guestLinearAddress', at(fact.gla)],
      ]) as ExitRecord,
    ];
  });
}
