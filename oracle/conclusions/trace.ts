import type { Fact } from '../../evidence/paste/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { kvmExitReasons, ViolationQualification } from '../../model/ept/index.ts';
import type { Conclusion } from './conclusion.ts';
import { qualificationLines, vectoringInWords } from './exit-record.ts';

type Exit = Extract<Fact, { kind: 'exit' }>;
type Fault = Extract<Fact, { kind: 'fault' }>;

/** What a trace of KVM tells beyond its single events, which `oracle check` judges. */
export function concludeTrace(facts: readonly Fact[]): readonly Conclusion[] {
  const exits = facts.filter((fact): fact is Exit => fact.kind === 'exit');
  const faults = facts.filter((fact): fact is Fault => fact.kind === 'fault');
  return [
    ...kinds(exits),
    ...repeats(facts),
    ...deliveries(exits),
    ...misconfigurations(exits),
    ...shadow(exits, faults),
  ];
}

/** Each kind of exit that a walk caused, once. */
function kinds(exits: readonly Exit[]): readonly Conclusion[] {
  const seen = new Map<string, { readonly exit: Exit; count: number }>();
  for (const exit of exits) {
    if (kvmExitReasons[exit.reason] === undefined) continue;
    const key = `${exit.reason} ${exit.qualification}`;
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { exit, count: 1 });
    else known.count++;
  }
  return [...seen.values()].slice(0, maxKinds).flatMap(({ exit, count }) => {
    const reason = kvmExitReasons[exit.reason];
    if (reason !== 48 && reason !== 66 && reason !== 62) return [];
    const lines = qualificationLines(reason, exit.qualification);
    return [
      {
        about: `${count} exit${count === 1 ? '' : 's'} ${exit.reason}, the first at line ${exit.line}`,
        verdict: 'told' as const,
        lines,
      },
    ];
  });
}
const maxKinds = 20;

/** The same vCPU faults at the same address in the same way, and no entry is set in between. */
function repeats(facts: readonly Fact[]): readonly Conclusion[] {
  const last = new Map<string, { readonly fault: Fault; count: number }>();
  const worst = new Map<string, { readonly fault: Fault; count: number }>();
  for (const fact of facts) {
    if (fact.kind === 'entry') last.clear();
    if (fact.kind !== 'fault') continue;
    const before = last.get(fact.who);
    const isSame = before?.fault.gpa === fact.gpa && before.fault.qualification === fact.qualification;
    const run = isSame ? before : { fault: fact, count: 0 };
    run.count++;
    last.set(fact.who, run);
    if (run.count > (worst.get(fact.who)?.count ?? 1)) worst.set(fact.who, run);
  }
  return [...worst].map(([who, { fault, count }]) => ({
    about: `${who}, from line ${fault.line}`,
    verdict: 'told' as const,
    lines: [
      `the same task, address ${addressHex(fault.gpa)} and qualification ${addressHex(fault.qualification)} ${count} times, and no entry was set in between: a livelock, not a fault of the tables`,
    ],
  }));
}

/** Exits while an event is being delivered. */
function deliveries(exits: readonly Exit[]): readonly Conclusion[] {
  return exits
    .flatMap(({ vectoring, line }) => {
      const words = vectoringInWords(vectoring);
      return words === undefined
        ? []
        : [
            {
              about: `the exit at line ${line}`,
              verdict: 'told' as const,
              lines: [`info2 is not of the walk: ${words}`],
            },
          ];
    })
    .slice(0, maxKinds);
}

function misconfigurations(exits: readonly Exit[]): readonly Conclusion[] {
  const [first, ...others] = exits.filter(({ reason }) => kvmExitReasons[reason] === 49);
  if (first === undefined) return [];
  return [
    {
      about: `${others.length + 1} exit${others.length === 0 ? '' : 's'} EPT_MISCONFIG, the first at line ${first.line}`,
      verdict: 'told',
      lines: [
        'KVM marks emulated MMIO with misconfigured entries on purpose: these exits are how a device is reached, and no fault of the tables by themselves',
      ],
    },
  ];
}

/** Page faults that no EPT violation precedes, with codes that none would have, are those of shadow paging or of AMD. */
function shadow(exits: readonly Exit[], faults: readonly Fault[]): readonly Conclusion[] {
  const hasViolation = exits.some(({ reason }) => kvmExitReasons[reason] === 48);
  const isForeign = ({ qualification }: Fault): boolean =>
    !ViolationQualification.get(qualification, 'linearValid');
  if (hasViolation || faults.length === 0 || !faults.every(isForeign)) return [];
  return [
    {
      about: 'the page faults of the trace',
      verdict: 'out of scope',
      lines: [
        'these are x86 page-fault codes, as shadow paging and AMD hosts have them: no EPT violation precedes them, and none has bit 7, which an exit qualification of such an access would have',
      ],
    },
  ];
}
