import { addressHex, wordHex } from '../../model/bits/index.ts';
import { type Arm64Kernel, attributesOf, rightsText } from '../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import {
  guestStateOf,
  hostMeaningOf,
  isPoisoned,
  kernelLeft,
  kernelsOf,
  readStage2,
  type Stage2Leaf,
} from '../../oracle/audit/arm64/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { kernelIn, stage2In } from './flags.ts';

export interface Stage2DecodeFlags {
  readonly root: string;
  readonly kind: 'host' | 'guest' | 'ept' | 'sppt';
  readonly kernel?: string;
}

/** Addresses that follow one another and mean the same. */
interface Range {
  readonly ipa: bigint;
  size: bigint;
  leaves: number;
  readonly meaning: string;
  readonly output: bigint | undefined;
  readonly word: bigint;
  readonly at: bigint;
}

/** Lists one stage-2 table as ranges; what a guest's table does not map is left out. */
export function stage2Decode(memory: PhysicalMemory, flags: Stage2DecodeFlags) {
  if (flags.kind === 'sppt') throw new CommandError(Exit.usage, '--kind sppt: arm64 has no SPPT');
  const kind = flags.kind === 'host' ? 'host' : 'guest';
  const reading = readStage2(memory, stage2In(flags.root, '--root'));
  const kernel = kernelIn(flags.kernel) ?? kernelLeft(kernelsOf(reading, false));
  const ranges: Range[] = [];
  for (const leaf of reading.leaves) {
    if (leaf.word === 0n && kind === 'guest') continue;
    const meaning = meaningOf(leaf, kind, kernel);
    const last = ranges.at(-1);
    const output = leaf.isValid ? leaf.output : undefined;
    const continues =
      last?.meaning === meaning &&
      last.ipa + last.size === leaf.ipa &&
      (last.output === undefined ? output === undefined : output === last.output + last.size);
    if (continues) {
      last.size += leaf.size;
      last.leaves++;
    } else {
      const { ipa, size, word, at } = leaf;
      ranges.push({ ipa, size, leaves: 1, meaning, output, word, at });
    }
  }
  return {
    rows: ranges.map(rangeText),
    json: { format: 'arm64-stage2', kernel: kernel?.name ?? null, ranges: ranges.map(rangeJson) },
    missing: reading.missing,
  };
}

const states = (word: bigint): string => `${rightsText(attributesOf(word))} ${guestStateOf(word)}`;

function meaningOf(leaf: Stage2Leaf, kind: 'host' | 'guest', kernel: Arm64Kernel | undefined): string {
  const { word, isValid } = leaf;
  if (kind === 'guest') {
    if (isValid) return states(word);
    return kernel !== undefined && isPoisoned(word, kernel) ? 'poisoned: taken by force' : 'not mapped';
  }
  if (kernel === undefined)
    return isValid ? states(word) : word === 0n ? 'not mapped' : 'annotated, by which kernel is not known';
  const meaning = hostMeaningOf(leaf, kernel);
  switch (meaning.kind) {
    case 'lazy':
      return "not mapped: the host's own, mapped when it is touched, or no memory";
    case 'mapped':
      return kernel.stateIn === 'host leaf' ? states(word) : rightsText(attributesOf(word));
    case 'guest':
      return `owned by guest ${addressHex(BigInt(meaning.handle))} at ${addressHex(meaning.gfn << 12n)}`;
    case 'hypervisor':
      return 'owned by the hypervisor';
    case 'ffa':
      return 'lent to FF-A';
    case 'locked':
      return 'locked: a call in progress holds it';
    case 'not understood':
      return `not an annotation of kernel ${kernel.name}`;
  }
}

const rangeText = ({ ipa, size, output, meaning, leaves, word }: Range): string => {
  const maps = output === undefined ? '' : ` -> ${addressHex(output)}`;
  return `${addressHex(ipa)} - ${addressHex(ipa + size)}${maps} ${meaning} (${leaves} leaf word${leaves === 1 ? '' : 's'}, first ${wordHex(word)})`;
};

const rangeJson = ({ ipa, size, output, meaning, leaves, word, at }: Range) => ({
  ipa: addressHex(ipa),
  size: addressHex(size),
  ...(output === undefined ? {} : { output: addressHex(output) }),
  meaning,
  word: wordHex(word),
  at: addressHex(at),
  leaves,
});
