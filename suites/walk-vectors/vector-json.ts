import { addressHex, wordHex } from '../../model/bits/index.ts';
import { type Access, type Cpu, outcomeJson, translate } from '../../model/ept/index.ts';
import { type SparseMemory, sparseMemory } from '../../model/memory/index.ts';

const shownFields = [
  'kind',
  'exitReason',
  'vector',
  'qualification',
  'dontCareMask',
  'gpaField',
  'level',
  'hpa',
  'grantedBySpp',
  'pageSize',
  'memoryWrites',
  'pmlIndexAfter',
  'walk',
] as const;

/** One access, and all that decides it. */
export interface VectorChoice {
  readonly cpu: Cpu;
  readonly access: Access;
  /** A word that it does not list is zero. */
  readonly words: SparseMemory['words'];
}

/** One vector as `walk --jsonl` reads it, with what the specification says of it. */
export function vectorJson(
  id: string,
  tags: readonly string[],
  { cpu, access, words }: VectorChoice,
): Record<string, unknown> {
  const outcome = outcomeJson(translate(sparseMemory(words, 'zero'), cpu, access));
  const { pmlAddress, veInfoAddress, ...state } = cpu.state;
  return {
    id,
    tags,
    maxphyaddr: cpu.maxPhysicalAddressWidth,
    eptp: addressHex(cpu.eptp),
    spptp: addressHex(cpu.spptp),
    controls: { ...cpu.controls, ...cpu.capabilities },
    state: { ...state, pmlAddress: addressHex(pmlAddress), veInfoAddress: addressHex(veInfoAddress) },
    memory: Object.fromEntries([...words].map(([address, word]) => [addressHex(address), wordHex(word)])),
    access: { ...access, gpa: addressHex(access.gpa), gla: addressHex(access.gla) },
    expect: Object.fromEntries(
      shownFields.flatMap(key => (outcome[key] === undefined ? [] : [[key, outcome[key]]])),
    ),
  };
}
