import type { Instance, Read, Slot } from '../checker/index.ts';
import {
  type Access,
  type Cpu,
  EptPte,
  type Outcome,
  translate,
  type WalkRead,
  type WalkRules,
} from '../model/ept/index.ts';
import type { PhysicalMemory } from '../model/memory/index.ts';

/** What the properties of a walk see of a system: a processor and a memory, read through slots. */
export interface ViewedWalk {
  readonly rules: WalkRules;
  readonly accesses: readonly { readonly name: string; readonly access: Access }[];
  /** The endings that some state must lead some access to. */
  readonly endings: readonly Outcome['kind'][];
  /** Words of the EPT, and of the SPPT, that the walk of these accesses can read. */
  readonly eptWords: readonly bigint[];
  readonly spptWords: readonly bigint[];
  /** The slot of a word of memory. */
  slotAt(address: bigint): Slot<bigint> | undefined;
  /** The page-modification log index, where logging is on. */
  readonly pmlIndex: Slot<bigint> | undefined;
  memory(read: Read): PhysicalMemory;
  cpu(read: Read): Cpu;
}

/** The same memory but for some words: another value, or unknown. */
export const changed = (
  memory: PhysicalMemory,
  words: ReadonlyMap<bigint, bigint | undefined>,
): PhysicalMemory => ({
  read: address => (words.has(address) ? words.get(address) : memory.read(address)),
});

/** A state as one access meets it. */
export interface Situation {
  readonly memory: PhysicalMemory;
  readonly cpu: Cpu;
  readonly access: Access;
  readonly rules: WalkRules;
}

export const outcomeOf = ({ memory, cpu, access, rules }: Situation): Outcome =>
  translate(memory, cpu, access, rules);

/** What two outcomes must have in common to be one decision. */
export const decisionOf = (outcome: Outcome): string => {
  const level = 'level' in outcome ? outcome.level : '';
  return outcome.kind === 'allowed'
    ? `allowed ${outcome.hpa} ${outcome.pageSize} ${outcome.grantedBySpp}`
    : `${outcome.kind} ${level}`;
};

/** A member of a property for every access of some kinds. */
export const forAccesses = (
  view: ViewedWalk,
  isMeant: (access: Access) => boolean,
  holds: (situation: Situation, outcome: Outcome) => boolean,
): readonly Instance[] =>
  view.accesses
    .filter(({ access }) => isMeant(access))
    .map(({ name, access }) => ({
      about: name,
      holds: read => {
        const { rules } = view;
        const situation = { memory: view.memory(read), cpu: view.cpu(read), access, rules };
        return holds(situation, outcomeOf(situation));
      },
    }));

export const isWrite = ({ kind }: Access): boolean =>
  kind === 'write' || kind === 'rmw' || kind === 'shadow_stack_write';

export const eptReads = (outcome: Outcome): readonly WalkRead[] =>
  outcome.walk.filter(({ table }) => table === 'ept');
export const spptReads = (outcome: Outcome): readonly WalkRead[] =>
  outcome.walk.filter(({ table }) => table === 'sppt');

/** Whether every entry that the walk read has the bit. */
export const everyEntry = (
  outcome: Outcome,
  right: 'read' | 'write' | 'execute' | 'executeUser',
): boolean => eptReads(outcome).every(({ word }) => EptPte.get(word, right));

/** The last EPT entry that the walk read. */
export const lastEntry = (outcome: Outcome): WalkRead | undefined => eptReads(outcome).at(-1);
