import type { Read, Step, Twin } from '../../checker/index.ts';
import { EptPte } from '../../model/ept/index.ts';
import type { WalkAccess } from './access.ts';
import type { EptClass, FieldClass, SpptClass, VectorClass, WordClass } from './classes.ts';
import type { WordSlot } from './image.ts';
import { endingLabel, endingOf, type Told, type ToldEntry } from './machine-walk.ts';
import type { FieldName, Theme } from './theme.ts';

const withoutFlags = (word: bigint): bigint => EptPte.with(word, { accessed: false, dirty: false });

/** A word that nobody put there: a faulty walk wrote it. */
class NoClass extends Error {}

function classIn<C extends WordClass>(read: Read, slot: WordSlot, of: C['of']): C {
  const word = read(slot);
  const isClass = (one: WordClass, value: bigint): one is C => one.of === of && one.word === value;
  const found =
    slot.classes.find((one): one is C => isClass(one, word)) ??
    slot.classes.find((one): one is C => of === 'ept' && isClass(one, withoutFlags(word)));
  if (found === undefined)
    throw new NoClass(`${slot.name} holds 0x${word.toString(16)}, which is of no class`);
  return found;
}

function entryIn(read: Read, slot: WordSlot): ToldEntry {
  const word = read(slot);
  const { is, rights, ...bits } = classIn<EptClass>(read, slot, 'ept');
  return {
    is,
    gives: right => rights[right],
    has: bit => (bit === 'accessed' || bit === 'dirty' ? EptPte.get(word, bit) : bits[bit]),
  };
}

function isGood(read: Read, slot: WordSlot): boolean {
  return classIn<FieldClass>(read, slot, 'field').isGood;
}

/** What the machines are told of a theme's state: the classes of its words. */
function toldOf(theme: Theme, read: Read): Told {
  const { fields, cpu } = theme;
  const isOn = (name: FieldName, otherwise: boolean): boolean => {
    const slot = fields[name];
    return slot === undefined ? otherwise : read(slot) === 1n;
  };
  const isBad = (name: FieldName): boolean => {
    const slot = fields[name];
    return slot !== undefined && !isGood(read, slot);
  };
  const slotOf = (table: 'EPT' | 'SPPT', level: 1 | 2 | 3 | 4 | 5): WordSlot => {
    const slot = table === 'EPT' ? theme.ept[level] : level === 5 ? undefined : theme.sppt[level];
    if (slot === undefined) throw new Error(`${theme.name} has no ${table} entry of level ${level}`);
    return slot;
  };
  const otherwise = {
    spp: cpu.controls?.spp ?? false,
    eptViolationVe: false,
    protectedMode: true,
    eventDelivery: false,
  };
  return {
    levels: theme.levels,
    hasFlags: theme.flags,
    entryFails: () =>
      isBad('eptp') ||
      (isOn('spp', false) && isBad('spptp')) ||
      isBad('pmlAddress') ||
      (isOn('eptViolationVe', false) && isBad('veInfoAddress')),
    eptEntry: level => entryIn(read, slotOf('EPT', level)),
    spptEntry: level => classIn<SpptClass>(read, slotOf('SPPT', level), 'sppt').is,
    vector: () => classIn<VectorClass>(read, slotOf('SPPT', 1), 'vector'),
    isOn: name => isOn(name, otherwise[name]),
    logIsFull: () => fields.pmlIndex !== undefined && read(fields.pmlIndex) > 511n,
    veInfoIsFree: () => {
      const header = fields.veInfo;
      if (header === undefined) return false;
      const word = read(header);
      const known = header.classes.find(
        (one): one is FieldClass => one.of === 'field' && one.word === word,
      );
      return known?.isGood ?? false;
    },
  };
}

function expectedOf(theme: Theme, read: Read, access: WalkAccess): string | NoClass {
  try {
    return endingLabel(endingOf(toldOf(theme, read), access));
  } catch (error) {
    if (error instanceof NoClass) return error;
    throw error;
  }
}

/** Holds every access against the machines. */
export const walkTwin = (theme: Theme): Twin => ({
  name: 'ept-walk and spp-walk',
  disagrees({ action, result, before }: Step): string | undefined {
    const access = theme.accesses.find(
      ({ name }) => action.name === 'access' && name === action.args['access'],
    );
    if (access === undefined) return undefined;
    const expected = expectedOf(theme, before, access);
    if (expected instanceof NoClass) return expected.message;
    return expected === result ? undefined : `the machines end in ${expected}, the walk in ${result}`;
  },
});
