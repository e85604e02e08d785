import { addressHex, groupedHex } from '../../model/bits/index.ts';
import {
  type Access,
  type Cpu,
  describeEntry,
  Eptp,
  type ExplainedBit,
  explainExit,
  explainNoException,
  memoryTypeName,
  type Outcome,
  type WalkExitReason,
  type WalkRead,
  type Decision,
  explainOutcome,
  explainEntry,
  headline,
} from '../../model/ept/index.ts';
import { seed } from '../../model/citation.ts';

const addressFields = new Set(['table', 'page']);

/** The fields of an entry that say something: rights, what is set, the memory type, the address. */
function fieldsInWords(read: WalkRead): string {
  const { fields } = describeEntry(read);
  if (read.table === 'sppt' && read.level === 1) return vectorInWords(fields);
  const rights = ['read', 'write', 'execute'].filter(name => fields[name] === true).join(' ');
  const words = [read.table === 'ept' ? rights || 'no rights' : ''];
  for (const [name, value] of Object.entries(fields)) {
    if (['read', 'write', 'execute', 'mapsPage'].includes(name)) continue;
    if (name === 'memoryType') words.push(memoryTypeName(Number(value)));
    else if (addressFields.has(name)) words.push(`${name} ${addressHex(BigInt(value))}`);
    else if (value === true) words.push(name);
  }
  return words.filter(word => word !== '').join(', ');
}

function vectorInWords(fields: Readonly<Record<string, unknown>>): string {
  const writable = Object.keys(fields).filter(name => fields[name] === true);
  if (writable.length === 32) return 'every sub-page writable';
  if (writable.length === 0) return 'no sub-page writable';
  return `writable: ${ranges(writable.map(name => Number(name.slice('subPage'.length))))}`;
}

/** `0-4, 7, 9-31` for sorted numbers. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

const cited = ({ text, source }: Decision): string => `${text}${source === '' ? '' : `   [${source}]`}`;

/** One entry: address, word and fields, then what it decides. */
function readsInWords(reads: readonly WalkRead[], access: Access, outcome: Outcome): string[] {
  const width = Math.max(...reads.map(({ address }) => addressHex(address).length));
  return reads.flatMap(read => {
    const name = describeEntry(read).name.padEnd(5);
    const at = addressHex(read.address).padEnd(width);
    const decision = explainEntry(read, outcome, access);
    return [
      `  ${name}  ${at}  ${groupedHex(read.word)}  ${fieldsInWords(read)}`,
      ...(decision === undefined ? [] : [`         ${cited(decision)}`]),
    ];
  });
}

/** One line a bit of an exit qualification. */
export const bitsInWords = (bits: readonly ExplainedBit[], undefinedBits = 0n): string[] =>
  bits.map(({ bit, isSet, meaning }) => {
    const isUndefined = (undefinedBits / 2n ** BigInt(bit)) % 2n === 1n;
    const value = isUndefined ? '-' : isSet ? '1' : '0';
    return `    bit ${String(bit).padStart(2)}  ${value}  ${isUndefined ? 'undefined here' : meaning}`;
  });

const exitInWords = (reason: WalkExitReason, qualification: bigint, undefinedBits = 0n): string[] => [
  `  exit qualification ${addressHex(qualification)}`,
  ...bitsInWords(explainExit(reason, qualification).bits, undefinedBits),
];

function detail(outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'ept_violation':
      return exitInWords(48, outcome.qualification, outcome.undefinedBits);
    case 'virtualization_exception':
      return [
        ...exitInWords(48, outcome.qualification, outcome.undefinedBits),
        ...outcome.memoryWrites.map(
          ({ address, word }) => `  writes ${addressHex(address)}  ${groupedHex(word)}`,
        ),
      ];
    case 'ept_misconfig':
      return [];
    case 'spp_miss':
    case 'spp_misconfig':
    case 'pml_full':
      return exitInWords(outcome.exitReason, outcome.qualification);
    case 'allowed': {
      const writes = outcome.memoryWrites.map(
        ({ address, word }) => `  writes ${addressHex(address)}  ${groupedHex(word)}`,
      );
      return outcome.pmlIndexAfter === undefined
        ? writes
        : [...writes, `  PML index after: ${outcome.pmlIndexAfter}`];
    }
    case 'vmentry_fail':
    case 'unknown':
      return [];
  }
}

function accessInWords(access: Access, { maxPhysicalAddressWidth, controls }: Cpu): string {
  const on = Object.entries(controls).flatMap(([name, isOn]) => (isOn ? [name] : []));
  const mode = access.userMode ? 'user' : 'supervisor';
  const from = access.pageWalk ? 'guest paging-structure' : `${mode}-mode`;
  return (
    `${access.kind.replaceAll('_', ' ')} of ${access.size} byte${access.size === 1 ? '' : 's'} at guest-physical ` +
    `${addressHex(access.gpa)} (${from}${access.linearValid ? '' : ', no linear address'}), ` +
    `${maxPhysicalAddressWidth} address bits, controls: ${on.join(', ') || 'none'}`
  );
}

/** Why the SPPT was read at all. */
const consulted: Decision = {
  text: 'a write meets a readable 4-KByte page that is not writable and has bit 61',
  source: seed('003', 'depends on the state of the accumulated write-access bit'),
};

/** A walk as a person reads it. */
export function narrative(cpu: Cpu, access: Access, outcome: Outcome): readonly string[] {
  const ept = outcome.walk.filter(({ table }) => table === 'ept');
  const sppt = outcome.walk.filter(({ table }) => table === 'sppt');
  const length = Eptp.get(cpu.eptp, 'walkLengthMinusOne') + 1;
  const noException = explainNoException(outcome, cpu);
  return [
    accessInWords(access, cpu),
    ...(ept.length > 0
      ? [`EPT from ${addressHex(cpu.eptp)} (${length} levels)`, ...readsInWords(ept, access, outcome)]
      : []),
    ...(sppt.length > 0
      ? [
          `SPPT from ${addressHex(cpu.spptp)}, because ${cited(consulted)}`,
          ...readsInWords(sppt, access, outcome),
        ]
      : []),
    headline(outcome),
    `  because ${cited(explainOutcome(outcome, cpu))}`,
    ...(noException === undefined ? [] : [`  no #VE, because ${cited(noException)}`]),
    ...detail(outcome),
  ];
}
