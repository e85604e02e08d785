import type { Word } from '../../model/bits/index.ts';
import { EptPte, Eptp, PageAddress, VeInfoHeader } from '../../model/ept/index.ts';
import type { MemoryWrite } from '../../model/memory/index.ts';
import { facts } from '../../model/citation.ts';
import { sppInvariant } from '../origin.ts';
import { type AccessSentence, everyAccess, sentence } from './sentence.ts';
import {
  type AnyOutcome,
  eptReads,
  isSameWrite,
  isWrite,
  lastEntry,
  type Situation,
  writesOf,
} from './situation.ts';

/** Whether the access sets dirty flags where accessed and dirty flags are enabled. */
const setsDirty = ({ access, cpu }: Situation): boolean =>
  isWrite(access) || (Eptp.get(cpu.eptp, 'accessedDirty') && access.pageWalk && access.linearValid);

/** The flags that an access must set before it happens, entry by entry. */
function flagsToSet(situation: Situation, outcome: AnyOutcome): readonly MemoryWrite<Word>[] {
  if (!Eptp.get(situation.cpu.eptp, 'accessedDirty')) return [];
  const leaf = lastEntry(outcome);
  return eptReads(outcome).flatMap(entry => {
    const { address, word } = entry;
    const dirties = entry === leaf && setsDirty(situation) && !EptPte.get(word, 'dirty');
    if (EptPte.get(word, 'accessed') && !dirties) return [];
    const flags = dirties ? { accessed: true, dirty: true } : { accessed: true };
    return [{ address, word: EptPte.with(word, flags), bytes: 8 as const }];
  });
}

/** Whether the dirty flag of the leaf goes from 0 to 1. */
function dirties(situation: Situation, outcome: AnyOutcome): boolean {
  const leaf = lastEntry(outcome);
  return (
    Eptp.get(situation.cpu.eptp, 'accessedDirty') &&
    setsDirty(situation) &&
    leaf !== undefined &&
    !EptPte.get(leaf.word, 'dirty')
  );
}

const isLogEntry = ({ cpu }: Situation, { address }: MemoryWrite<Word>): boolean =>
  cpu.controls.pml &&
  address === PageAddress.get(cpu.state.pmlAddress, 'page') + 8n * BigInt(cpu.state.pmlIndex);

/** What the processor itself writes: H9. */
export const writeSentences: readonly AccessSentence[] = [
  sentence(
    'an access that is not allowed writes nothing, unless it becomes a virtualization exception',
    sppInvariant('H9', 'memory not written by a non-allowed access'),
    everyAccess,
    (_, outcome) =>
      outcome.kind === 'allowed' ||
      outcome.kind === 'virtualization_exception' ||
      writesOf(outcome).length === 0,
  ),
  sentence(
    'an allowed access sets the accessed flag of every entry used, the dirty flag of the leaf for a write, and no other bit',
    sppInvariant('H9', 'D set only for an allowed write'),
    everyAccess,
    (situation, outcome) => {
      if (outcome.kind !== 'allowed') return true;
      const wanted = flagsToSet(situation, outcome);
      const written = writesOf(outcome).filter(write => !isLogEntry(situation, write));
      return (
        written.length === wanted.length &&
        written.every((write, i) => {
          const other = wanted[i];
          return other !== undefined && isSameWrite(write, other);
        })
      );
    },
  ),
  sentence(
    'a page is logged, and the index goes down by one, exactly where its dirty flag goes from 0 to 1',
    sppInvariant('H9', 'PML entry iff D 0->1'),
    everyAccess,
    (situation, outcome) => {
      const { access, cpu } = situation;
      if (outcome.kind !== 'allowed') return true;
      const logged = writesOf(outcome).filter(write => isLogEntry(situation, write));
      const { pmlIndex } = cpu.state;
      if (!cpu.controls.pml) return outcome.pmlIndexAfter === undefined;
      if (!dirties(situation, outcome)) return logged.length === 0 && outcome.pmlIndexAfter === pmlIndex;
      const [entry] = logged;
      return (
        logged.length === 1 &&
        entry?.word === access.gpa - (access.gpa % 4096n) &&
        outcome.pmlIndexAfter === (pmlIndex === 0 ? 0xffff : pmlIndex - 1)
      );
    },
  ),
  sentence(
    'the page-modification log is full exactly for an access with a flag to set and no room in the log',
    { source: facts.eptSpp('2', 'PML index > 511 -> exit 62 with nothing set') },
    everyAccess,
    (situation, outcome) => {
      const { controls, state } = situation.cpu;
      const isFull = controls.pml && state.pmlIndex > 511;
      if (outcome.kind === 'pml_full') return isFull && flagsToSet(situation, outcome).length > 0;
      return outcome.kind !== 'allowed' || !isFull || writesOf(outcome).length === 0;
    },
  ),
  sentence(
    'a violation becomes a virtualization exception exactly where nothing forbids it, and fills the free information area',
    { source: facts.eptSpp('2', '32 bits at VE-info+4 zero') },
    everyAccess,
    (situation, outcome) => {
      const { cpu, access, memory } = situation;
      const { eptViolationVe } = cpu.controls;
      const { protectedMode, eventDelivery, veInfoAddress } = cpu.state;
      const isException = outcome.kind === 'virtualization_exception';
      if (!isException && outcome.kind !== 'ept_violation') return true;
      const last = lastEntry(outcome);
      if (!eptViolationVe || !protectedMode || eventDelivery || last === undefined) return !isException;
      if (EptPte.get(last.word, 'suppressVe')) return !isException;
      const at = PageAddress.get(veInfoAddress, 'page');
      const header = memory.read(at);
      if (header === undefined || !VeInfoHeader.isZero(header, 'busy')) return !isException;
      const gla = access.linearValid ? access.gla : 0n;
      const says = [0xffff_ffff_0000_0030n, outcome.qualification, gla, access.gpa];
      const written = writesOf(outcome);
      return isException && says.every((word, i) => isFilled(written, at + 8n * BigInt(i), word));
    },
  ),
];

const isFilled = (written: readonly MemoryWrite<Word>[], address: bigint, word: bigint): boolean =>
  written.some(write => write.address === address && write.word === word);
