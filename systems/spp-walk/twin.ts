import type { Read, Step, Twin } from '../../checker/index.ts';
import { EptPte } from '../../model/ept/index.ts';
import type { WalkAccess } from './access.ts';
import type { EptClass, EntryRights, FieldClass, SpptClass, VectorClass, WordClass } from './classes.ts';
import type { WordSlot } from './image.ts';
import { eptArrows, sppArrows } from './protocol.ts';
import type { FieldName, Theme } from './theme.ts';

/** What a walk ended in: the machine's final state, and the level of the entry that decided. */
export interface Ending {
  readonly kind: string;
  readonly level: number | undefined;
  readonly grantedBySpp: boolean;
}

/** An ending as the result of a call: `spp_miss L3`, `allowed L1 by vector`. */
export const endingLabel = ({ kind, level, grantedBySpp }: Ending): string =>
  `${kind}${level === undefined ? '' : ` L${level}`}${grantedBySpp ? ' by vector' : ''}`;

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

/** What the processor has walked so far, in classes. */
interface Used {
  readonly level: number;
  readonly classes: readonly EptClass[];
  readonly words: readonly bigint[];
}

const bothGive = (a: EntryRights, b: EntryRights): EntryRights => ({
  read: a.read && b.read,
  write: a.write && b.write,
  execute: a.execute && b.execute,
  executeUser: a.executeUser && b.executeUser,
});
const allRights: EntryRights = { read: true, write: true, execute: true, executeUser: true };
const rightsOf = (classes: readonly EptClass[]): EntryRights =>
  classes.reduce((rights, one) => bothGive(rights, one.rights), allRights);

/** What the access asks for and does not get. */
function missingOf({ classes }: Used, access: WalkAccess): 'nothing' | 'write' | 'other' {
  const rights = rightsOf(classes);
  if (access.isSupervisorShadowStack) {
    const isGiven = rights.read && rightsOf(classes.slice(0, -1)).write && classes.at(-1)?.bit60 === true;
    return isGiven ? 'nothing' : 'other';
  }
  const missing = access.asks.filter(right => !rights[right]);
  if (missing.length === 0) return 'nothing';
  return missing.every(right => right === 'write') ? 'write' : 'other';
}

/** The protocol's answer to an access: the machines, run over the classes of the words, in the order of the walk. */
class Protocol {
  readonly #theme: Theme;
  readonly #read: Read;

  constructor(theme: Theme, read: Read) {
    this.#theme = theme;
    this.#read = read;
  }

  ending(access: WalkAccess): Ending {
    const { levels } = this.#theme;
    const isBad = this.#entryFails();
    const entered = eptArrows(eptArrows.initial, {
      type: 'vm_entry',
      fields: isBad ? 'invalid' : 'valid',
      levels,
    });
    if (isBad) return { kind: entered, level: undefined, grantedBySpp: false };
    let state = entered;
    const used: { classes: EptClass[]; words: bigint[] } = { classes: [], words: [] };
    for (const level of [5, 4, 3, 2, 1] as const) {
      if (level > levels) continue;
      const slot = this.#theme.ept[level];
      if (slot === undefined) throw new Error(`${this.#theme.name} has no EPT entry of level ${level}`);
      const found = classIn<EptClass>(this.#read, slot, 'ept');
      used.classes.push(found);
      used.words.push(this.#read(slot));
      state = eptArrows(state, { type: 'ept_entry', is: found.is });
      if (found.is !== 'table') return this.#reached(state, { ...used, level }, access);
    }
    throw new Error('the walk did not end');
  }

  #reached(state: string, used: Used, access: WalkAccess): Ending {
    if (state === 'violation') return this.#violation(used, used.level);
    if (!state.startsWith('rights')) return { kind: state, level: used.level, grantedBySpp: false };
    const next = eptArrows(state, { type: 'rights', missing: missingOf(used, access) });
    if (next === 'flags') return this.#flags(used, access, false);
    if (next === 'violation') return this.#violation(used, used.level);
    return this.#askSppt(used, access);
  }

  #askSppt(used: Used, access: WalkAccess): Ending {
    const { says, level } = this.#sppWalk(used, access);
    const state = eptArrows('asks_SPPT', { type: 'spp_walk', says });
    if (state === 'flags') return this.#flags(used, access, true);
    if (state === 'violation') return this.#violation(used, says === 'disallow' ? 1 : used.level);
    return { kind: state, level, grantedBySpp: false };
  }

  #sppWalk(
    used: Used,
    access: WalkAccess,
  ): { says: 'allow' | 'disallow' | 'miss' | 'misconfig' | 'EPT_decides'; level: number } {
    const rights = rightsOf(used.classes);
    let state = sppArrows(sppArrows.initial, {
      type: 'ept_leaf',
      sppControl: this.#isOn('spp', this.#theme.cpu.controls?.spp ?? false),
      bit61: used.classes.at(-1)?.bit61 === true,
      writable: rights.write,
      isWrite: access.asks.includes('write'),
      readable: rights.read,
      maps4K: used.level === 1,
      isOrdinary: access.isOrdinary,
    });
    if (state !== 'walk_SPP_L4E') return { says: 'EPT_decides', level: used.level };
    for (const level of [4, 3, 2] as const) {
      const { is } = classIn<SpptClass>(this.#read, this.#sppt(level), 'sppt');
      state = sppArrows(state, { type: 'sppt_entry', is });
      if (state === 'sppt_miss') return { says: 'miss', level };
      if (state === 'sppt_misconfig') return { says: 'misconfig', level };
    }
    const { hasOddBits, isWritable } = classIn<VectorClass>(this.#read, this.#sppt(1), 'vector');
    const ending = sppArrows(state, {
      type: 'sppt_vector',
      hasOddBits,
      isWritable: access.subPages.every(isWritable),
    });
    const says = ending === 'allow' ? 'allow' : ending === 'disallow' ? 'disallow' : 'misconfig';
    return { says, level: 1 };
  }

  #flags(used: Used, access: WalkAccess, grantedBySpp: boolean): Ending {
    const asksToWrite = access.asks.includes('write') || access.access.kind === 'shadow_stack_write';
    const leaf = used.words.at(-1) ?? 0n;
    const needed =
      this.#theme.flags &&
      (used.words.some(word => !EptPte.get(word, 'accessed')) ||
        (asksToWrite && !EptPte.get(leaf, 'dirty')));
    const index = this.#theme.fields.pmlIndex;
    const logIsFull = index !== undefined && this.#read(index) > 511n;
    const kind = eptArrows('flags', { type: 'flags', needed, logIsFull });
    if (kind === 'pml_full') return { kind, level: undefined, grantedBySpp: false };
    return { kind, level: used.level, grantedBySpp };
  }

  #violation({ classes }: Used, level: number): Ending {
    const header = this.#theme.fields.veInfo;
    const isConvertible =
      this.#isOn('eptViolationVe', false) &&
      classes.at(-1)?.bit63 !== true &&
      this.#isOn('protectedMode', true) &&
      !this.#isOn('eventDelivery', false) &&
      header !== undefined &&
      this.#isFree(header);
    return {
      kind: eptArrows('violation', { type: 'ept_violation', isConvertible }),
      level,
      grantedBySpp: false,
    };
  }

  #isFree(header: WordSlot): boolean {
    const word = this.#read(header);
    const known = header.classes.find((one): one is FieldClass => one.of === 'field' && one.word === word);
    return known?.isGood ?? false;
  }

  #entryFails(): boolean {
    const isBad = (name: FieldName): boolean => {
      const slot = this.#theme.fields[name];
      return slot !== undefined && !classIn<FieldClass>(this.#read, slot, 'field').isGood;
    };
    return (
      isBad('eptp') ||
      (this.#isOn('spp', false) && isBad('spptp')) ||
      isBad('pmlAddress') ||
      (this.#isOn('eptViolationVe', false) && isBad('veInfoAddress'))
    );
  }

  #isOn(name: FieldName, otherwise: boolean): boolean {
    const slot = this.#theme.fields[name];
    return slot === undefined ? otherwise : this.#read(slot) === 1n;
  }

  #sppt(level: 4 | 3 | 2 | 1): WordSlot {
    const slot = this.#theme.sppt[level];
    if (slot === undefined) throw new Error(`${this.#theme.name} has no SPPT entry of level ${level}`);
    return slot;
  }
}

function expectedOf(theme: Theme, read: Read, access: WalkAccess): string | NoClass {
  try {
    return endingLabel(new Protocol(theme, read).ending(access));
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
