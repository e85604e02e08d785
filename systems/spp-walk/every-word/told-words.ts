import { anySet, maskOf, type Word } from '../../../model/bits/index.ts';
import {
  type Access,
  type Cpu,
  EptMemoryType,
  EptPte,
  Eptp,
  type Level,
  PageAddress,
  VeInfoHeader,
} from '../../../model/ept/index.ts';
import { SpptEntry, Spptp, SppVector } from '../../../model/ept/spp/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import { mustBeZero } from '../../../properties/walk/index.ts';
import type { EptClass } from '../classes.ts';
import type { Told, ToldEntry } from '../machine-walk.ts';

const named = { bit60: 'shadowStack', bit61: 'subPageWrite', bit63: 'suppressVe' } as const;

/** The words of one table after another, from a pointer down: each at the index that the address gives. */
class Descent {
  readonly #memory: PhysicalMemory<Word>;
  readonly #gpa: bigint;
  #table: bigint;

  constructor(memory: PhysicalMemory<Word>, gpa: bigint, root: bigint) {
    this.#memory = memory;
    this.#gpa = gpa;
    this.#table = root;
  }

  read(level: Level): Word {
    const index = (this.#gpa / 2n ** BigInt(12 + 9 * (level - 1))) % 512n;
    const word = this.#memory.read(this.#table + 8n * index);
    if (word === undefined) throw new Error(`the level-${level} word is unknown`);
    return word;
  }

  follow(table: bigint): void {
    this.#table = table;
  }
}

/** What an EPT entry is: facts 1.2 and 1.3, asked in that order. */
function classOf(level: Level, word: Word, { controls, capabilities, ...cpu }: Cpu<Word>): EptClass['is'] {
  const [r, w, x] = [1n, 2n, 4n].map(bit => () => anySet(word, bit)) as [
    () => boolean,
    () => boolean,
    () => boolean,
  ];
  const xu = (): boolean => controls.mbe && anySet(word, 0x400n);
  if (!r() && !w() && !x() && !xu()) return 'not_present';
  if (!r() && w()) return 'misconfigured';
  if (!capabilities.executeOnly && !r() && (x() || xu())) return 'misconfigured';
  const isPage = level === 1 || (level < 4 && anySet(word, 0x80n));
  if (isPage && level === 3 && !capabilities.oneGPages) return 'misconfigured';
  if (isPage && level === 2 && !capabilities.twoMPages) return 'misconfigured';
  const zero = mustBeZero(isPage ? 'ept page' : 'ept table', level, cpu.maxPhysicalAddressWidth);
  if (anySet(word, zero)) return 'misconfigured';
  if (isPage && EptPte.isOneOf(word, 'memoryType', [2, 3, 7])) return 'misconfigured';
  return isPage ? 'page' : 'table';
}

const entryOf = (level: Level, word: Word, cpu: Cpu<Word>): ToldEntry => ({
  is: classOf(level, word, cpu),
  gives: right => EptPte.get(word, right),
  has: bit => EptPte.get(word, bit === 'accessed' || bit === 'dirty' ? bit : named[bit]),
});

/** Whether a field of the VMCS is not as it must be: facts 1.1 and 1.4. */
function fieldsFail({ eptp, spptp, controls, capabilities, state, ...cpu }: Cpu<Word>): boolean {
  const { UC, WB } = EptMemoryType;
  const types = [...(capabilities.uncacheableEpt ? [UC] : []), ...(capabilities.writeBackEpt ? [WB] : [])];
  const aligned = maskOf({ hi: 11, lo: 0 });
  const beyond = maskOf({ hi: 63, lo: cpu.maxPhysicalAddressWidth });
  return (
    !Eptp.isOneOf(eptp, 'memoryType', types) ||
    !Eptp.isOneOf(eptp, 'walkLengthMinusOne', capabilities.fiveLevelWalk ? [3, 4] : [3]) ||
    (!capabilities.eptAdSupported && anySet(eptp, 0x40n)) ||
    (!capabilities.cet && anySet(eptp, 0x80n)) ||
    anySet(eptp, 0xf00n | beyond) ||
    (controls.spp && anySet(spptp, aligned | beyond)) ||
    (controls.pml && anySet(state.pmlAddress, aligned | beyond)) ||
    (controls.eptViolationVe && anySet(state.veInfoAddress, aligned | beyond))
  );
}

/** What the machines are told of words, whatever they are. A class is decided here and not by the model. */
export function toldOfWords(memory: PhysicalMemory<Word>, cpu: Cpu<Word>, { gpa }: Access): Told {
  const ept = new Descent(memory, gpa, Eptp.get(cpu.eptp, 'table'));
  const sppt = new Descent(memory, gpa, Spptp.get(cpu.spptp, 'table'));
  const { controls, state } = cpu;
  return {
    get levels() {
      return Eptp.isOneOf(cpu.eptp, 'walkLengthMinusOne', [4]) ? 5 : 4;
    },
    get hasFlags() {
      return Eptp.get(cpu.eptp, 'accessedDirty');
    },
    entryFails: () => fieldsFail(cpu),
    eptEntry: level => {
      const word = ept.read(level);
      const entry = entryOf(level, word, cpu);
      if (entry.is === 'table') ept.follow(EptPte.get(word, 'page'));
      return entry;
    },
    spptEntry: level => {
      const word = sppt.read(level);
      if (!anySet(word, 1n)) return 'not_valid';
      if (anySet(word, mustBeZero('sppt', level, cpu.maxPhysicalAddressWidth))) return 'misconfigured';
      sppt.follow(SpptEntry.get(word, 'table'));
      return 'valid';
    },
    vector: () => {
      const word = sppt.read(1);
      return {
        hasOddBits: anySet(word, mustBeZero('sppt', 1, cpu.maxPhysicalAddressWidth)),
        isWritable: subPage => SppVector.get(word, `subPage${subPage}`),
      };
    },
    isOn: name => (name === 'protectedMode' || name === 'eventDelivery' ? state[name] : controls[name]),
    logIsFull: () => controls.pml && state.pmlIndex > 511,
    veInfoIsFree: () => {
      const header = memory.read(PageAddress.get(state.veInfoAddress, 'page'));
      return header !== undefined && VeInfoHeader.isZero(header, 'busy');
    },
  };
}
