import type { Fact, VmcsField } from '../../evidence/paste/index.ts';
import { addressHex, bit, bits, bitsNamed, ignored, layout } from '../../model/bits/index.ts';
import {
  controlsOf,
  Eptp,
  ExitReason,
  exitReasonName,
  explainExit,
  memoryTypeName,
  secondaryControlWords,
  SecondaryControls,
  walkExitReasons,
  type WalkExitReason,
  walkIsNotTheCause,
} from '../../model/ept/index.ts';
import type { Conclusion } from './conclusion.ts';

/** IDT-vectoring information, VMCS field 0x4408: the event in whose delivery the exit came. */
const IdtVectoring = layout('IdtVectoring', {
  vector: bits(7, 0),
  type: bits(10, 8),
  hasErrorCode: bit(11),
  _30_12: ignored(30, 12),
  valid: bit(31),
  _63_32: ignored(63, 32),
});
const eventTypes = [
  'external interrupt',
  'reserved type',
  'NMI',
  'hardware exception',
  'software interrupt',
  'privileged software exception',
  'software exception',
  'reserved type',
] as const;

/** "the event in delivery", or `undefined` where none was. */
export function vectoringInWords(word: bigint): string | undefined {
  const { vector, type, valid } = IdtVectoring.decode(word);
  if (!valid) return undefined;
  const name = eventTypes[type] ?? 'event';
  return `vector ${addressHex(BigInt(vector))} (${name}) was being delivered: IDT-vectoring information ${addressHex(word)} is valid`;
}

/** Fields of one exit, with the line of each. */
export type ExitRecord = ReadonlyMap<VmcsField, { readonly value: bigint; readonly line: number }>;

/** The fields in the order in which they were printed, cut where one comes again: that is another exit. */
export function exitRecordsOf(facts: readonly Fact[]): readonly ExitRecord[] {
  const records: Map<VmcsField, { value: bigint; line: number }>[] = [];
  for (const fact of facts) {
    if (fact.kind !== 'field') continue;
    const last = records.at(-1);
    const record = last === undefined || last.has(fact.field) ? new Map() : last;
    if (record !== last) records.push(record);
    record.set(fact.field, { value: fact.value, line: fact.line });
  }
  return records;
}

/** A field of a record. */
export const fieldOf = (record: ExitRecord, field: VmcsField): bigint | undefined =>
  record.get(field)?.value;

const isWalkReason = (reason: number): reason is WalkExitReason => reason in walkExitReasons;

/** What a record of fields says. */
export function concludeExit(record: ExitRecord): Conclusion {
  const line = Math.min(...[...record.values()].map(field => field.line));
  const lines = [...reasonLines(record), ...addressLines(record), ...controlLines(record)];
  const reason = fieldOf(record, 'exitReason');
  const missing: string[] = [];
  const isViolation = reason !== undefined && [48, 66].includes(ExitReason.get(reason, 'basic'));
  if (isViolation && fieldOf(record, 'guestPhysicalAddress') === undefined)
    missing.push(
      'the guest-physical address of the exit (VMCS field 0x2400): KVM prints it as "address" of kvm_page_fault',
    );
  if (isViolation && fieldOf(record, 'eptp') === undefined)
    missing.push(
      'the EPTP (VMCS field 0x201a) and the entries of the walk: "xp /512gx ADDRESS" from the root down',
    );
  return {
    about: `the exit at line ${line}`,
    verdict: 'told',
    lines,
    ...(missing.length > 0 ? { missing } : {}),
  };
}

function reasonLines(record: ExitRecord): string[] {
  const word = fieldOf(record, 'exitReason');
  const qualification = fieldOf(record, 'exitQualification');
  if (word === undefined)
    return qualification === undefined
      ? []
      : [`exit qualification ${addressHex(qualification)}, of an exit whose reason is not here`];
  const { basic, entryFailure } = ExitReason.decode(word);
  const name = exitReasonName(basic) ?? 'a reason that is not listed';
  const lines = [
    `exit reason ${addressHex(BigInt(basic))} = ${basic}: ${name}${entryFailure ? '; bit 31: the VM entry itself failed' : ''}`,
  ];
  const notTheWalk = walkIsNotTheCause[basic];
  if (notTheWalk !== undefined) lines.push(notTheWalk);
  if (qualification !== undefined && isWalkReason(basic))
    lines.push(...qualificationLines(basic, qualification));
  else if (qualification !== undefined) lines.push(`exit qualification ${addressHex(qualification)}`);
  return lines;
}

/** The bits of a qualification that say something, and what they say together. */
export function qualificationLines(reason: WalkExitReason, word: bigint): string[] {
  const { bits: explained, notes, reservedBits } = explainExit(reason, word);
  return [
    `exit qualification ${addressHex(word)}`,
    ...explained.filter(({ isSet }) => isSet).map(({ bit: at, meaning }) => `  bit ${at}: ${meaning}`),
    ...notes,
    ...(reservedBits === 0n ? [] : [`reserved ${bitsNamed(reservedBits)} set, which no processor reports`]),
  ];
}

function addressLines(record: ExitRecord): string[] {
  const gpa = fieldOf(record, 'guestPhysicalAddress');
  const gla = fieldOf(record, 'guestLinearAddress');
  const vectoring = fieldOf(record, 'idtVectoring');
  const inDelivery = vectoring === undefined ? undefined : vectoringInWords(vectoring);
  const lines: string[] = [];
  if (gpa !== undefined) lines.push(`guest-physical address ${addressHex(gpa)}`);
  if (gla !== undefined) lines.push(`guest linear address ${addressHex(gla)}`);
  if (inDelivery !== undefined) lines.push(inDelivery);
  const qualification = fieldOf(record, 'exitQualification');
  const reason = fieldOf(record, 'exitReason');
  if (qualification !== undefined && reason !== undefined && ExitReason.get(reason, 'basic') === 48)
    lines.push(...whatFollows(qualification, fieldOf(record, 'guestRip')));
  return lines;
}

/** Where a processor begins after reset, in real mode. */
const resetVector = 0xfff0n;

/** What to do about an EPT violation that nothing maps. */
function whatFollows(qualification: bigint, rip: bigint | undefined): string[] {
  const says = explainExit(48, qualification).bits;
  const isSet = (field: string): boolean => says.some(bitOf => bitOf.field === field && bitOf.isSet);
  const isMapped = ['readable', 'writable', 'executable'].some(isSet);
  if (isMapped) return [];
  if (isSet('linearValid') && !isSet('finalTranslation'))
    return [
      "a paging structure of the guest itself lies at a guest-physical address that the EPT does not map: map the page of the guest's own page table",
    ];
  if (isSet('execute')) {
    const where =
      rip === undefined
        ? ''
        : rip === resetVector
          ? ' (rip 0xfff0: the reset vector)'
          : ` (rip ${addressHex(rip)})`;
    return [`nothing maps the page that the guest fetches its instructions from${where}`];
  }
  return ['no entry maps this guest-physical address: map it, or handle the access as one to a device'];
}

function controlLines(record: ExitRecord): string[] {
  const lines: string[] = [];
  const eptp = fieldOf(record, 'eptp');
  const spptp = fieldOf(record, 'spptp');
  const secondary = fieldOf(record, 'secondaryControls');
  if (eptp !== undefined) lines.push(eptpInWords(eptp));
  if (spptp !== undefined) lines.push(`SPPTP ${addressHex(spptp)}`);
  if (secondary !== undefined) {
    const says = SecondaryControls.decode(secondary);
    const on = secondaryControlWords.filter(([field]) => says[field]).map(([, words]) => words);
    const off = secondaryControlWords.filter(([field]) => !says[field]).map(([, words]) => words);
    lines.push(
      `secondary controls ${addressHex(secondary)}: on ${on.join(', ') || 'none'}; off ${off.join(', ') || 'none'}, of those that a walk asks about`,
    );
  }
  return lines;
}

/** `EPTP 0x299e9305e: write-back, 4 levels, accessed and dirty flags on, root 0x299e93000`. */
export function eptpInWords(eptp: bigint): string {
  const { memoryType, walkLengthMinusOne, accessedDirty, supervisorShadowStack, table } = Eptp.decode(eptp);
  const reservedBits = Eptp.reservedBits(eptp, 52);
  return [
    `EPTP ${addressHex(eptp)}: ${memoryTypeName(memoryType)}`,
    `${walkLengthMinusOne + 1} levels`,
    `accessed and dirty flags ${accessedDirty ? 'on' : 'off'}`,
    ...(supervisorShadowStack ? ['supervisor shadow-stack control on'] : []),
    `root ${addressHex(table)}`,
    ...(reservedBits === 0n ? [] : [`reserved ${bitsNamed(reservedBits)} set: VM entry fails`]),
  ].join(', ');
}

/** The controls that a record states. */
export const statedControls = (record: ExitRecord | undefined) => {
  const secondary = record === undefined ? undefined : fieldOf(record, 'secondaryControls');
  return secondary === undefined ? undefined : controlsOf(secondary);
};
