import { type Access, accessKinds, type AccessKind, type Cpu } from '../../model/ept/index.ts';
import { type PhysicalMemory, sparseMemory } from '../../model/memory/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';

/** What the form of the walk holds: text where a person types, so that a half-typed number is no loss. */
export interface WalkInput {
  readonly eptp: string;
  readonly spptp: string;
  readonly maxphyaddr: string;
  readonly kind: AccessKind;
  readonly gpa: string;
  readonly size: string;
  /** The switches that are not as usual: `spp`, `noExecuteOnly`, … */
  readonly switches: readonly string[];
  /** One `address word` a line. */
  readonly memory: string;
  /** What a word that is not listed is. */
  readonly unlisted: 'zero' | 'unknown';
}

/** A switch of the form: a field of the vector, and what the vector says where the switch is on. */
interface Switch {
  readonly name: string;
  readonly label: string;
  readonly part: 'controls' | 'state' | 'access';
  readonly field: string;
  readonly on: boolean;
}

/** Every switch, the one that most walks need first. */
export const switches: readonly Switch[] = [
  { name: 'spp', label: 'sub-page write permissions', part: 'controls', field: 'spp', on: true },
  { name: 'mbe', label: 'mode-based execute control', part: 'controls', field: 'mbe', on: true },
  { name: 've', label: 'EPT-violation #VE', part: 'controls', field: 'eptViolationVe', on: true },
  {
    name: 'noExecuteOnly',
    label: 'no execute-only pages',
    part: 'controls',
    field: 'executeOnly',
    on: false,
  },
  { name: 'no1g', label: 'no 1-GByte pages', part: 'controls', field: 'oneGPages', on: false },
  { name: 'user', label: 'user-mode address', part: 'access', field: 'userMode', on: true },
  { name: 'pageWalk', label: "the guest's own page walk", part: 'access', field: 'pageWalk', on: true },
  { name: 'noLinear', label: 'no linear address', part: 'access', field: 'linearValid', on: false },
  { name: 'nmi', label: 'NMI unblocking due to IRET', part: 'state', field: 'nmiUnblockingIret', on: true },
];

/** What the walk needs, out of what the form holds; or one line that says what is wrong with it. */
export type Parsed =
  | { readonly ok: true; readonly memory: PhysicalMemory; readonly cpu: Cpu; readonly access: Access }
  | { readonly ok: false; readonly why: string };

/** The words of the memory field: lines of an address and a word, in hexadecimal. */
export function memoryLines(text: string): Record<string, string> | string {
  const words: Record<string, string> = {};
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, address, word] = /^\s*(0x[0-9a-fA-F_]+)\s*[:=]?\s+(0x[0-9a-fA-F_]+)\s*$/.exec(line) ?? [];
    if (address === undefined || word === undefined) {
      return `memory, line ${at + 1}: expected an address and a word such as "0x10000 0x11007", got "${line.trim()}"`;
    }
    words[address.replaceAll('_', '')] = word.replaceAll('_', '');
  }
  return words;
}

const vectorPart = ({ switches: on }: WalkInput, part: Switch['part']): Record<string, boolean> =>
  Object.fromEntries(
    switches
      .filter(known => known.part === part && on.includes(known.name))
      .map(known => [known.field, known.on]),
  );

export function parseInput(input: WalkInput): Parsed {
  const words = memoryLines(input.memory);
  if (typeof words === 'string') return { ok: false, why: words };
  const vector = walkVector.safeParse({
    eptp: input.eptp.trim(),
    spptp: input.spptp.trim(),
    maxphyaddr: Number(input.maxphyaddr),
    controls: vectorPart(input, 'controls'),
    state: vectorPart(input, 'state'),
    memory: words,
    access: {
      kind: input.kind,
      gpa: input.gpa.trim(),
      gla: input.gpa.trim(),
      size: Number(input.size),
      ...vectorPart(input, 'access'),
    },
  });
  if (!vector.success) {
    const [issue] = vector.error.issues;
    return { ok: false, why: `${issue?.path.join('.') ?? 'input'}: ${issue?.message ?? 'not understood'}` };
  }
  const { memory, cpu, access } = fromVector(vector.data);
  const listed = input.unlisted === 'zero' ? memory : sparseMemory(memory.words);
  return { ok: true, memory: listed, cpu, access };
}

/** The form filled from a vector, as a file of vectors or `walk --jsonl` has them. */
export function inputOfVector(json: unknown): WalkInput | undefined {
  const parsed = walkVector.safeParse(json);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const value = ({ part, field }: Switch): boolean | undefined => {
    const fields: Readonly<Record<string, unknown>> = data[part];
    return typeof fields[field] === 'boolean' ? fields[field] : undefined;
  };
  const hex = (word: bigint): string => `0x${word.toString(16)}`;
  return {
    eptp: hex(data.eptp),
    spptp: hex(data.spptp),
    maxphyaddr: String(data.maxphyaddr),
    kind: data.access.kind,
    gpa: hex(data.access.gpa),
    size: String(data.access.size),
    switches: switches.filter(known => value(known) === known.on).map(({ name }) => name),
    memory: Object.entries(data.memory)
      .map(pair => pair.join(' '))
      .join('\n'),
    unlisted: 'zero',
  };
}

const separator = '~';

/** The form as one short line for the address: fields in order. */
export const formatInput = (input: WalkInput): string =>
  [
    input.eptp,
    input.spptp,
    input.maxphyaddr,
    input.kind,
    input.gpa,
    input.size,
    input.switches.join('.'),
    input.unlisted,
    input.memory
      .split('\n')
      .map(line => line.trim().replaceAll(/\s+/g, '='))
      .filter(line => line !== '')
      .join('.'),
  ].join(separator);

/** The form that such a line fills; `undefined` for a line that is none. */
export function parseInputLine(text: string): WalkInput | undefined {
  const [eptp, spptp, maxphyaddr, kind, gpa, size, on, unlisted, memory] = text.split(separator);
  const access = accessKinds.find(known => known === kind);
  if (access === undefined || memory === undefined) return undefined;
  return {
    eptp: eptp ?? '',
    spptp: spptp ?? '',
    maxphyaddr: maxphyaddr ?? '52',
    kind: access,
    gpa: gpa ?? '',
    size: size ?? '1',
    switches: (on ?? '').split('.').filter(name => switches.some(known => known.name === name)),
    unlisted: unlisted === 'unknown' ? 'unknown' : 'zero',
    memory: memory.replaceAll('.', '\n').replaceAll('=', ' '),
  };
}
