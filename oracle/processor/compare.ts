import { addressHex, maskOf, setBits } from '../../model/bits/index.ts';
import {
  type Access,
  EptPte,
  type Outcome,
  type OutcomeKind,
  subPageBytes,
  virtualizationExceptionVector,
} from '../../model/ept/index.ts';
import { SppQualification } from '../../model/ept/spp/index.ts';
import type {
  IntelMachineEntry,
  RecordedEntry,
  RecordedExit,
} from '../../evidence/records/intel-machine.ts';
import type { Expected } from './expected.ts';

/** One thing in which a processor did other than the specification. */
export interface ProcessorDifference {
  /** `outcome`, `qualification`, `guest-physical address`, `guest-linear address`, `word`, `stored`, `PML index`. */
  readonly at: string;
  readonly observed: string;
  readonly allowed: string;
}

/** "VM entry with invalid control field(s)": SDM vol. 3C, "VM Instruction Error Numbers". */
const invalidControls = 7;

/** What an exit is in the specification's words; `exit N` where it is none of them. */
function kindOf(
  observed: RecordedEntry,
): OutcomeKind | `exit ${number}` | `VM-instruction error ${number}` {
  if ('instructionError' in observed)
    return observed.instructionError === invalidControls
      ? 'vmentry_fail'
      : `VM-instruction error ${observed.instructionError}`;
  const { reason, entryFailure, qualification, interruption } = observed;
  if (entryFailure) return `exit ${reason}`;
  switch (reason) {
    case 18: // the guest's VMCALL: it got through
      return 'allowed';
    case 48:
      return 'ept_violation';
    case 49:
      return 'ept_misconfig';
    case 62:
      return 'pml_full';
    case 66:
      return SppQualification.get(qualification, 'miss') ? 'spp_miss' : 'spp_misconfig';
    case 0:
      return (interruption ?? 0n) % 256n === BigInt(virtualizationExceptionVector)
        ? 'virtualization_exception'
        : 'exit 0';
    default:
      return `exit ${reason}`;
  }
}

const sameBut = (undefinedBits: bigint, one: bigint, other: bigint): boolean => {
  const defined = maskOf({ hi: 63, lo: 0 }) - undefinedBits;
  return setBits(one, defined) === setBits(other, defined);
};

/** In what a VM entry was other than expected; nothing where it was as it must be. */
export function differencesOf(
  { observed, memory }: IntelMachineEntry,
  expected: Expected,
): readonly ProcessorDifference[] {
  const { outcome } = expected;
  const kind = kindOf(observed);
  if (kind !== outcome.kind)
    return [
      { at: 'outcome', observed: kind.replaceAll('_', ' '), allowed: outcome.kind.replaceAll('_', ' ') },
    ];
  if ('instructionError' in observed) return [];
  return [
    ...exitDifferences(observed, expected),
    ...memoryDifferences(observed, expected, memory),
    ...storeDifferences(observed, expected),
  ];
}

function* exitDifferences(
  observed: RecordedExit,
  { outcome, access }: Expected,
): Generator<ProcessorDifference> {
  if (!('gpaField' in outcome)) return;
  if (outcome.kind !== 'ept_misconfig') {
    const undefinedBits = 'undefinedBits' in outcome ? outcome.undefinedBits : 0n;
    if (!sameBut(undefinedBits, observed.qualification, outcome.qualification))
      yield {
        at: 'qualification',
        observed: addressHex(observed.qualification),
        allowed: addressHex(outcome.qualification),
      };
    if (observed.gla !== access.gla)
      yield {
        at: 'guest-linear address',
        observed: addressHex(observed.gla),
        allowed: addressHex(access.gla),
      };
  }
  if (!reportable(outcome, access, observed.gpa))
    yield {
      at: 'guest-physical address',
      observed: addressHex(observed.gpa),
      allowed: addressHex(outcome.gpaField),
    };
}

/**
 * Whether an exit may report this address: that of the access, or of a write over several sub-pages any byte from the
 * first denied one on. facts/intel-machine.md 1, "neither is promised".
 */
function reportable(
  outcome: Outcome & { readonly gpaField: bigint },
  access: Access,
  gpa: bigint,
): boolean {
  if (gpa === outcome.gpaField) return true;
  if (outcome.kind !== 'ept_violation' || outcome.cause.why !== 'sub-page') return false;
  const denied = Math.min(...outcome.cause.subPages);
  const from = access.gpa - (access.gpa % 4096n) + BigInt(denied) * subPageBytes;
  return gpa >= from && gpa >= access.gpa && gpa < access.gpa + BigInt(access.size);
}

function* memoryDifferences(
  { after }: RecordedExit,
  { outcome, writes }: Expected,
  memory: ReadonlyMap<bigint, bigint>,
): Generator<ProcessorDifference> {
  const walked = new Set(outcome.walk.map(({ address }) => address));
  for (const address of new Set([...after.keys(), ...writes.keys()])) {
    const before = memory.get(address) ?? 0n;
    const [seen, wanted] = [after.get(address) ?? before, writes.get(address) ?? before];
    if (seen === wanted) continue;
    // a processor may set accessed flags for an access that it then refuses: facts/ept-spp.md 2, step 6
    const isSpeculative = outcome.kind !== 'allowed' && walked.has(address);
    if (isSpeculative && seen === EptPte.with(wanted, { accessed: true })) continue;
    yield {
      at: `word ${addressHex(address)}`,
      observed: addressHex(seen),
      allowed: addressHex(wanted),
    };
  }
}

function* storeDifferences(observed: RecordedExit, expected: Expected): Generator<ProcessorDifference> {
  const texts = (addresses: readonly bigint[]): string =>
    addresses.length === 0 ? 'nowhere' : addresses.map(addressHex).sort().join(', ');
  if (texts(observed.stored) !== texts(expected.stored))
    yield { at: 'stored', observed: texts(observed.stored), allowed: texts(expected.stored) };
  const { pmlIndex } = observed;
  if (pmlIndex !== undefined && expected.pmlIndex !== undefined && pmlIndex !== expected.pmlIndex)
    yield { at: 'PML index', observed: String(pmlIndex), allowed: String(expected.pmlIndex) };
}
