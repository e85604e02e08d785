import type { WalkAccess } from './access.ts';
import type { EntryRights, EptClass, SpptClass } from './classes.ts';
import { eptArrows, sppArrows } from './protocol.ts';

/** What a walk ended in: the machine's final state, and the level of the entry that decided. */
export interface Ending {
  readonly kind: string;
  readonly level: number | undefined;
  readonly grantedBySpp: boolean;
}

/** An ending as the result of a call: `spp_miss L3`, `allowed L1 by vector`. */
export const endingLabel = ({ kind, level, grantedBySpp }: Ending): string =>
  `${kind}${level === undefined ? '' : ` L${level}`}${grantedBySpp ? ' by vector' : ''}`;

/** One EPT entry as the machines are told of it. Each bit is asked for only where an arrow needs it. */
export interface ToldEntry {
  readonly is: EptClass['is'];
  gives(right: keyof EntryRights): boolean;
  has(bit: 'bit60' | 'bit61' | 'bit63' | 'accessed' | 'dirty'): boolean;
}

/** What the machines are told of a processor and its memory. Nothing here asks the model. */
export interface Told {
  readonly levels: 4 | 5;
  readonly hasFlags: boolean;
  entryFails(): boolean;
  eptEntry(level: 1 | 2 | 3 | 4 | 5): ToldEntry;
  spptEntry(level: 2 | 3 | 4): SpptClass['is'];
  vector(): { readonly hasOddBits: boolean; isWritable(subPage: number): boolean };
  isOn(name: 'spp' | 'eptViolationVe' | 'protectedMode' | 'eventDelivery'): boolean;
  logIsFull(): boolean;
  veInfoIsFree(): boolean;
}

/** What the processor has walked so far: the entries used, the last of them on this level. */
interface Used {
  readonly level: number;
  readonly entries: readonly ToldEntry[];
}

const allGive = (entries: readonly ToldEntry[], right: keyof EntryRights): boolean =>
  entries.every(entry => entry.gives(right));

/** What the access asks for and does not get. */
function missingOf({ entries }: Used, access: WalkAccess): 'nothing' | 'write' | 'other' {
  if (access.isSupervisorShadowStack) {
    const isGiven =
      allGive(entries, 'read') &&
      allGive(entries.slice(0, -1), 'write') &&
      entries.at(-1)?.has('bit60') === true;
    return isGiven ? 'nothing' : 'other';
  }
  const missing = access.asks.filter(right => !allGive(entries, right));
  if (missing.length === 0) return 'nothing';
  return missing.every(right => right === 'write') ? 'write' : 'other';
}

/** The machines run over what they are told, in the order of the walk: where an access ends. */
export function endingOf(told: Told, access: WalkAccess): Ending {
  const isBad = told.entryFails();
  const fields = isBad ? 'invalid' : 'valid';
  let state = eptArrows(eptArrows.initial, { type: 'vm_entry', fields, levels: told.levels });
  if (isBad) return { kind: state, level: undefined, grantedBySpp: false };
  const entries: ToldEntry[] = [];
  for (const level of [5, 4, 3, 2, 1] as const) {
    if (level > told.levels) continue;
    const entry = told.eptEntry(level);
    entries.push(entry);
    state = eptArrows(state, { type: 'ept_entry', is: entry.is });
    if (entry.is !== 'table') return reached(told, state, { entries, level }, access);
  }
  throw new Error('the walk did not end');
}

function reached(told: Told, state: string, used: Used, access: WalkAccess): Ending {
  if (state === 'violation') return violation(told, used, used.level);
  if (!state.startsWith('rights')) return { kind: state, level: used.level, grantedBySpp: false };
  const next = eptArrows(state, { type: 'rights', missing: missingOf(used, access) });
  if (next === 'flags') return flags(told, used, access, false);
  if (next === 'violation') return violation(told, used, used.level);
  return askSppt(told, used, access);
}

function askSppt(told: Told, used: Used, access: WalkAccess): Ending {
  const { says, level } = sppWalk(told, used, access);
  const state = eptArrows('asks_SPPT', { type: 'spp_walk', says });
  if (state === 'flags') return flags(told, used, access, true);
  if (state === 'violation') return violation(told, used, says === 'disallow' ? 1 : used.level);
  return { kind: state, level, grantedBySpp: false };
}

function sppWalk(
  told: Told,
  { level, entries }: Used,
  access: WalkAccess,
): { says: 'allow' | 'disallow' | 'miss' | 'misconfig' | 'EPT_decides'; level: number } {
  let state = sppArrows(sppArrows.initial, {
    type: 'ept_leaf',
    sppControl: told.isOn('spp'),
    bit61: entries.at(-1)?.has('bit61') === true,
    writable: allGive(entries, 'write'),
    isWrite: access.asks.includes('write'),
    readable: allGive(entries, 'read'),
    maps4K: level === 1,
    isOrdinary: access.isOrdinary,
  });
  if (state !== 'walk_SPP_L4E') return { says: 'EPT_decides', level };
  for (const spptLevel of [4, 3, 2] as const) {
    state = sppArrows(state, { type: 'sppt_entry', is: told.spptEntry(spptLevel) });
    if (state === 'sppt_miss') return { says: 'miss', level: spptLevel };
    if (state === 'sppt_misconfig') return { says: 'misconfig', level: spptLevel };
  }
  const { hasOddBits, isWritable } = told.vector();
  const ending = sppArrows(state, {
    type: 'sppt_vector',
    hasOddBits,
    isWritable: access.subPages.every(isWritable),
  });
  return {
    says: ending === 'allow' ? 'allow' : ending === 'disallow' ? 'disallow' : 'misconfig',
    level: 1,
  };
}

function flags(told: Told, { entries, level }: Used, access: WalkAccess, grantedBySpp: boolean): Ending {
  const asksToWrite = access.asks.includes('write') || access.access.kind === 'shadow_stack_write';
  const needed =
    told.hasFlags &&
    (entries.some(entry => !entry.has('accessed')) ||
      (asksToWrite && entries.at(-1)?.has('dirty') !== true));
  const kind = eptArrows('flags', { type: 'flags', needed, logIsFull: told.logIsFull() });
  if (kind === 'pml_full') return { kind, level: undefined, grantedBySpp: false };
  return { kind, level, grantedBySpp };
}

function violation(told: Told, { entries }: Used, level: number): Ending {
  const isConvertible =
    told.isOn('eptViolationVe') &&
    entries.at(-1)?.has('bit63') !== true &&
    told.isOn('protectedMode') &&
    !told.isOn('eventDelivery') &&
    told.veInfoIsFree();
  return {
    kind: eptArrows('violation', { type: 'ept_violation', isConvertible }),
    level,
    grantedBySpp: false,
  };
}
