import { EptPte, Eptp, ViolationQualification } from '../../model/ept/index.ts';
import { facts } from '../../model/citation.ts';
import { type AccessSentence, everyAccess, sentence } from './sentence.ts';
import {
  type AnyOutcome,
  everyEntry,
  isViolation,
  isWrite,
  lastEntry,
  type Situation,
} from './situation.ts';

/** What each bit of an EPT violation's qualification must say, `undefined` where the processor may say anything. */
function expectedBits({ access, cpu }: Situation, outcome: AnyOutcome): readonly (boolean | undefined)[] {
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
export const reportSentences: readonly AccessSentence[] = [
  sentence(
    'the qualification of an EPT violation says what the access was and what the entries read permit',
    {
      source: facts.eptSpp(
        '1.5',
        'acc.R, acc.W, acc.X (X = supervisor with MBE); 0 if some entry not present',
      ),
    },
    everyAccess,
    (situation, outcome) =>
      !isViolation(outcome) ||
      !('qualification' in outcome) ||
      isReportedAs(outcome.qualification, expectedBits(situation, outcome)),
  ),
  sentence(
    'the qualification of an SPP event is bit 11 for a miss, and bit 12',
    {
      source: facts.eptSpp(
        '1.6',
        'bit 11 = 1 miss / 0 misconfiguration; bit 12 NMI unblocking due to IRET',
      ),
    },
    everyAccess,
    ({ cpu }, outcome) => {
      if (outcome.kind !== 'spp_miss' && outcome.kind !== 'spp_misconfig') return true;
      const nmi = cpu.state.nmiUnblockingIret ? 0x1000n : 0n;
      return outcome.qualification === nmi + (outcome.kind === 'spp_miss' ? 0x800n : 0n);
    },
  ),
  sentence(
    'an exit reports the guest-physical address of the access',
    { source: facts.eptSpp('1.6', 'GLA and GPA fields are written') },
    everyAccess,
    ({ access }, outcome) => !('gpaField' in outcome) || outcome.gpaField === access.gpa,
  ),
];
