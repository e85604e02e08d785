import type { Property, Step, Verdict } from '../checker/index.ts';
import { EptPte, Eptp, type Outcome, ViolationQualification } from '../model/ept/index.ts';
import { always, eachStep } from './sentence.ts';
import {
  everyEntry,
  forAccesses,
  isWrite,
  lastEntry,
  type Situation,
  type ViewedWalk,
} from './walk-view.ts';
import { facts } from '../model/citation.ts';
import { sppInvariant } from './origin.ts';

/** What each bit of an EPT violation's qualification must say, `undefined` where the processor may say anything. */
function expectedBits({ access, cpu }: Situation, outcome: Outcome): readonly (boolean | undefined)[] {
  const { kind, pageWalk, linearValid } = access;
  const enforcesFlags = Eptp.get(cpu.eptp, 'accessedDirty') && linearValid;
  const walkWrites = pageWalk && (enforcesFlags || isWrite(access));
  const isFinal = linearValid && !pageWalk;
  const says = (value: boolean): boolean | undefined =>
    isFinal && cpu.capabilities.advEptInfo ? value : undefined;
  const last = lastEntry(outcome);
  const isShadow = kind === 'shadow_stack_read' || kind === 'shadow_stack_write';
  const leafReached = 'cause' in outcome && outcome.cause.why !== 'not-present';
  return [
    kind === 'rmw' ? undefined : kind === 'read' || kind === 'shadow_stack_read' || walkWrites,
    isWrite(access) || walkWrites,
    kind === 'execute',
    everyEntry(outcome, 'read'),
    everyEntry(outcome, 'write'),
    everyEntry(outcome, 'execute'),
    cpu.controls.mbe ? everyEntry(outcome, 'executeUser') : undefined,
    linearValid,
    isFinal,
    says(access.userMode),
    says(access.guestWritable),
    says(access.guestNx),
    cpu.state.nmiUnblockingIret,
    isShadow,
    !Eptp.get(cpu.eptp, 'supervisorShadowStack')
      ? false
      : leafReached && last !== undefined
        ? EptPte.get(last.word, 'shadowStack')
        : undefined,
    false,
    false,
  ];
}

function isReportedAs(word: bigint, expected: readonly (boolean | undefined)[]): boolean {
  const fields = Object.keys(ViolationQualification.decode(0n)) as (keyof ReturnType<
    typeof ViolationQualification.decode
  >)[];
  return (
    ViolationQualification.reservedBits(word, 52) === 0n &&
    fields.every(
      (name, i) => expected[i] === undefined || ViolationQualification.get(word, name) === expected[i],
    )
  );
}

/** What an exit reports. */
export const reportProperties = (view: ViewedWalk): readonly Property[] => [
  always(
    'the qualification of an EPT violation says what the access was and what the entries read permit',
    {
      source: facts.eptSpp(
        '1.5',
        'acc.R, acc.W, acc.X (X = supervisor with MBE); 0 if some entry not present',
      ),
    },
    forAccesses(
      view,
      () => true,
      (situation, outcome) =>
        (outcome.kind !== 'ept_violation' && outcome.kind !== 'virtualization_exception') ||
        isReportedAs(outcome.qualification, expectedBits(situation, outcome)),
    ),
  ),
  always(
    'the qualification of an SPP event is bit 11 for a miss, and bit 12',
    {
      source: facts.eptSpp(
        '1.6',
        'bit 11 = 1 miss / 0 misconfiguration; bit 12 NMI unblocking due to IRET',
      ),
    },
    forAccesses(
      view,
      () => true,
      ({ cpu }, outcome) => {
        if (outcome.kind !== 'spp_miss' && outcome.kind !== 'spp_misconfig') return true;
        const nmi = cpu.state.nmiUnblockingIret ? 0x1000n : 0n;
        return outcome.qualification === nmi + (outcome.kind === 'spp_miss' ? 0x800n : 0n);
      },
    ),
  ),
  always(
    'an exit reports the guest-physical address of the access',
    { source: facts.eptSpp('1.6', 'GLA and GPA fields are written') },
    forAccesses(
      view,
      () => true,
      ({ access }, outcome) => !('gpaField' in outcome) || outcome.gpaField === access.gpa,
    ),
  ),
];

/** What a walk writes: H9. */
export function writeProperties(view: ViewedWalk): readonly Property[] {
  const isEpt = new Set(view.eptWords.map(address => view.slotAt(address)));
  const isRefused = (result: unknown): boolean =>
    !String(result).startsWith('allowed') && !String(result).startsWith('virtualization_exception');
  return [
    eachStep(
      'an access that is not allowed changes no word, unless it becomes a virtualization exception',
      sppInvariant('H9', 'memory not written by a non-allowed access'),
      ({ action, result, changed }: Step): boolean =>
        action.name !== 'access' || !isRefused(result) || changed.length === 0,
    ),
    eachStep(
      'an allowed access sets the accessed flag of every entry used, and the dirty flag of the leaf for a write',
      sppInvariant('H9', 'D set only for an allowed write'),
      step => flagsAreRight(view, step),
    ),
    eachStep(
      'an access writes to an EPT entry nothing but its accessed and dirty flags',
      sppInvariant('H9', 'D set only for an allowed write'),
      ({ action, before, after, changed }: Step): boolean =>
        action.name !== 'access' ||
        changed.every(slot => {
          if (![...isEpt].some(one => one === slot)) return true;
          const [was, is] = [before(slot), after(slot)];
          if (typeof was !== 'bigint' || typeof is !== 'bigint') return false;
          const { accessed, dirty } = EptPte.decode(is);
          return EptPte.with(was, { accessed, dirty }) === is;
        }),
    ),
  ];
}

/** Reads the words of the walk before and after the step, as far as the walk went. */
function flagsAreRight(view: ViewedWalk, step: Step): boolean | Verdict {
  const one = view.accesses.find(
    ({ name }) => step.action.name === 'access' && name === step.action.args['access'],
  );
  if (one === undefined || !String(step.result).startsWith('allowed')) return true;
  const cpu = view.cpu(step.before);
  const enabled = Eptp.get(cpu.eptp, 'accessedDirty');
  const writes = isWrite(one.access) || (enabled && one.access.pageWalk && one.access.linearValid);
  const leafLevel = Number(/L(\d)/.exec(String(step.result))?.[1]);
  const used = view.eptWords.slice(0, view.eptWords.length - leafLevel + 1);
  for (const [i, address] of used.entries()) {
    const slot = view.slotAt(address);
    if (slot === undefined) return { holds: false, why: `no word at 0x${address.toString(16)}` };
    const [was, is] = [step.before(slot), step.after(slot)];
    const isLeaf = i === used.length - 1;
    const wanted = EptPte.with(was, {
      accessed: enabled || EptPte.get(was, 'accessed'),
      dirty: (enabled && isLeaf && writes) || EptPte.get(was, 'dirty'),
    });
    if (is !== wanted)
      return { holds: false, why: `${slot.name} is 0x${is.toString(16)}, not 0x${wanted.toString(16)}` };
  }
  return true;
}
