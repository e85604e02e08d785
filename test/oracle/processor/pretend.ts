import { addressHex } from '../../../model/bits/index.ts';
import { type Access, capabilitiesOf, type Outcome } from '../../../model/ept/index.ts';
import type { IntelMachineHeader } from '../../../evidence/records/intel-machine.ts';
import { expectedOf, type ProcessorRules } from '../../../oracle/processor/expected.ts';
import type { BootCase } from '../../../suites/boot/case.ts';

const reasons: Readonly<Record<Exclude<Outcome['kind'], 'unknown' | 'vmentry_fail'>, number>> = {
  allowed: 18,
  ept_violation: 48,
  ept_misconfig: 49,
  pml_full: 62,
  spp_miss: 66,
  spp_misconfig: 66,
  virtualization_exception: 0,
};

const accessJson = ({ kind, gpa, gla, size, pageWalk, userMode }: Access) => ({
  kind,
  gpa: addressHex(gpa),
  gla: addressHex(gla),
  size,
  pageWalk,
  userMode,
});
const wordsJson = (words: ReadonlyMap<bigint, bigint>) =>
  Object.fromEntries([...words].map(([address, word]) => [addressHex(address), addressHex(word)]));

/** The line that a processor with these rules would print for a case. */
export function pretendedLine(
  { id, cpu: made, words, accesses: [access, then] }: BootCase,
  header: IntelMachineHeader,
  rules: ProcessorRules,
): string {
  const cpu = { ...made, capabilities: capabilitiesOf(header.eptVpidCap) };
  const built = { memory: words, access, then };
  const { outcome, access: last, writes, stored, pmlIndex } = expectedOf(built, cpu, rules);
  const changed = new Map([...writes].filter(([address, word]) => (words.get(address) ?? 0n) !== word));
  const observed =
    outcome.kind === 'vmentry_fail' || outcome.kind === 'unknown'
      ? { instructionError: 7 }
      : {
          reason: reasons[outcome.kind],
          qualification: addressHex('qualification' in outcome ? outcome.qualification : 0n),
          gpa: addressHex('gpaField' in outcome ? outcome.gpaField : 0n),
          gla: addressHex(last.gla),
          ...(outcome.kind === 'virtualization_exception' ? { interruption: '0x80000314' } : {}),
          pmlIndex: pmlIndex ?? cpu.state.pmlIndex,
          after: wordsJson(changed),
          stored: stored.map(addressHex),
        };
  const { spp, mbe, eptViolationVe, pml } = cpu.controls;
  return JSON.stringify({
    id,
    eptp: addressHex(cpu.eptp),
    spptp: addressHex(cpu.spptp),
    controls: { spp, mbe, eptViolationVe, pml },
    state: {
      pmlIndex: cpu.state.pmlIndex,
      pmlAddress: addressHex(cpu.state.pmlAddress),
      veInfoAddress: addressHex(cpu.state.veInfoAddress),
    },
    memory: wordsJson(words),
    access: accessJson(access),
    ...(then === undefined ? {} : { then: accessJson(then) }),
    observed,
  });
}
