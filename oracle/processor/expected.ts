import {
  type Access,
  capabilitiesOf,
  type Cpu,
  cpuWith,
  guestAccess,
  type Outcome,
  translate,
  type WalkRules,
} from '../../model/ept/index.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import type {
  IntelMachineEntry,
  IntelMachineHeader,
  RecordedAccess,
} from '../../evidence/records/intel-machine.ts';

/** What the specification makes of one VM entry: of its only access, or of the second where the first is allowed. */
export interface Expected {
  readonly outcome: Outcome;
  readonly access: Access;
  /** Words that are other than before, with both accesses. */
  readonly writes: ReadonlyMap<bigint, bigint>;
  /** Where bytes are stored. */
  readonly stored: readonly bigint[];
  readonly pmlIndex: number | undefined;
}

/** The part of a VM entry that decides what comes of it, beside the processor. */
export interface BuiltEntry {
  readonly memory: ReadonlyMap<bigint, bigint>;
  readonly access: RecordedAccess | Access;
  readonly then?: RecordedAccess | Access | undefined;
}

/** How a processor departs from the specification outside of single walks. */
export type Shortcut =
  'granted-page-kept-writable' | 'guest-flag-update-unchecked' | 'log-full-at-any-access';

/** The specification, or the specification with readings, faults and shortcuts. */
export interface ProcessorRules {
  readonly walk: WalkRules;
  readonly shortcuts: readonly Shortcut[];
}

export function cpuOf(
  { maxphyaddr, eptVpidCap }: IntelMachineHeader,
  { eptp, spptp, controls, state }: IntelMachineEntry,
): Cpu {
  return cpuWith({
    eptp,
    spptp,
    maxPhysicalAddressWidth: maxphyaddr,
    controls,
    capabilities: capabilitiesOf(eptVpidCap),
    ...(state === undefined ? {} : { state }),
  });
}

const accessOf = ({ kind, gpa, ...more }: RecordedAccess | Access): Access => guestAccess(kind, gpa, more);
const writesOf = (outcome: Outcome): readonly (readonly [bigint, bigint])[] =>
  'memoryWrites' in outcome
    ? (outcome.memoryWrites ?? []).map(({ address, word }) => [address, BigInt(word)] as const)
    : [];
const stores = (outcome: Outcome, { kind }: Access): readonly bigint[] =>
  outcome.kind === 'allowed' && (kind === 'write' || kind === 'rmw') ? [outcome.hpa] : [];
const samePage = (one: Access, other: Access): boolean => one.gpa / 4096n === other.gpa / 4096n;

const logFull: Outcome = { kind: 'pml_full', exitReason: 62, qualification: 0n, walk: [] };
const isLogFull = ({ controls, state }: Cpu): boolean => controls.pml && state.pmlIndex > 511;

/** What these rules make of a VM entry. */
export function expectedOf(
  { memory, then, access: recorded }: BuiltEntry,
  cpu: Cpu,
  { walk, shortcuts }: ProcessorRules,
): Expected {
  const access = accessOf(recorded);
  const first = translate(sparseMemory(memory, 'zero'), cpu, access, walk);
  if (shortcuts.includes('log-full-at-any-access') && isLogFull(cpu) && first.kind !== 'vmentry_fail')
    return { outcome: logFull, access, writes: new Map(), stored: [], pmlIndex: undefined };
  const firstWrites = new Map(writesOf(first));
  const firstIndex = first.kind === 'allowed' ? first.pmlIndexAfter : undefined;
  if (first.kind !== 'allowed' || then === undefined)
    return {
      outcome: first,
      access,
      writes: firstWrites,
      stored: stores(first, access),
      pmlIndex: firstIndex,
    };
  const secondAccess = accessOf(then);
  const words = new Map([...memory, ...firstWrites]);
  const state = { ...cpu.state, ...(firstIndex === undefined ? {} : { pmlIndex: firstIndex }) };
  const walked = translate(sparseMemory(words, 'zero'), { ...cpu, state }, secondAccess, walk);
  const isUnchecked =
    (shortcuts.includes('granted-page-kept-writable') &&
      first.grantedBySpp &&
      samePage(access, secondAccess)) ||
    (shortcuts.includes('guest-flag-update-unchecked') && secondAccess.pageWalk);
  const second: Outcome =
    isUnchecked && walked.kind !== 'allowed'
      ? { ...first, hpa: first.hpa + secondAccess.gpa - access.gpa, memoryWrites: [] }
      : walked;
  return {
    outcome: second,
    access: secondAccess,
    writes: new Map([...firstWrites, ...writesOf(second)]),
    stored: [...stores(first, access), ...stores(second, secondAccess)],
    pmlIndex: (second.kind === 'allowed' ? second.pmlIndexAfter : undefined) ?? firstIndex,
  };
}
