import type { Field } from '../model/bits/index.ts';

interface Meaning {
  /** The field in words. */
  readonly title: string;
  /** What this value of it says. */
  readonly meaning: string;
  /** Where the field is written down. */
  readonly source: string;
}

const sdm = (section: string): string => `SDM vol. 3C, "${section}"`;
const entryFormat = sdm('EPT Translation Mechanism');
const seed4 = 'seed 004';
const seed1 = 'seed 001';

type Say = (value: unknown) => string;
const when =
  (set: string, clear: string): Say =>
  value =>
    value === true || value === 1n ? set : clear;

const memoryTypes: Readonly<Record<number, string>> = {
  0: 'uncacheable (UC)',
  1: 'write combining (WC)',
  4: 'write through (WT)',
  5: 'write protected (WP)',
  6: 'write back (WB)',
};
const pageStates = [
  'NOPAGE: this table maps nothing there',
  "OWNED: the table's owner has the page to itself",
  "SHARED_OWNED: the table's owner shares its page with another",
  'SHARED_BORROWED: borrowed from the page’s owner',
];
const ownerText: Say = value =>
  value === 0 ? 'the hypervisor (or never mapped)' : value === 1 ? 'the host' : `guest ${String(value)}`;

/** What each field says, by name: the formats share the names. Source last. */
const byName: Readonly<Record<string, readonly [title: string, say: Say, source: string]>> = {
  read: ['R: read', when('reads allowed', 'no reads'), entryFormat],
  write: ['W: write', when('writes allowed', 'no writes'), entryFormat],
  execute: ['X: execute', when('fetches allowed', 'no fetches'), entryFormat],
  executeUser: [
    'XU: execute, user',
    when('user-mode fetches allowed', 'ignored, or no user-mode fetches'),
    entryFormat,
  ],
  memoryType: [
    'memory type',
    value => memoryTypes[Number(value)] ?? 'not a memory type',
    sdm('EPT and Memory Typing'),
  ],
  ignorePat: ['ignore PAT', when("the guest's PAT is ignored", "the guest's PAT counts"), entryFormat],
  mapsPage: ['maps a page', when('a large page', 'refers to a table'), entryFormat],
  accessed: [
    'A: accessed',
    when('was accessed', 'not accessed, or flags off'),
    sdm('Accessed and Dirty Flags for EPT'),
  ],
  dirty: [
    'D: dirty',
    when('was written', 'not written, or flags off'),
    sdm('Accessed and Dirty Flags for EPT'),
  ],
  page: ['page address', () => 'where the page lies', entryFormat],
  table: ['table address', () => 'where the next table lies', entryFormat],
  pageState: [
    'page state',
    value => pageStates[Number(value)] ?? '',
    `${seed4}, "Page state - bits[57,56]"`,
  ],
  ownerId: ['owner id', ownerText, `${seed4}, "Owner_id - bits[31~12]"`],
  verifyPaging: ['verify guest paging', when('set', 'clear'), entryFormat],
  pagingWrite: ['paging-write access', when('set', 'clear'), entryFormat],
  shadowStack: [
    'supervisor shadow stack',
    when('a shadow-stack page', 'no shadow-stack page'),
    entryFormat,
  ],
  subPageWrite: [
    'sub-page write (SPP)',
    when('the sub-page table decides writes', 'no sub-page permissions'),
    `${seed1}, "ept_leaf_entry.spp_bit (bit 61)"`,
  ],
  suppressVe: ['suppress #VE', when('a violation exits', 'a violation may become #VE'), entryFormat],
  valid: [
    'valid',
    when('the next table is there', 'not valid: the walk misses here'),
    `${seed1}, "Format of the SPPT"`,
  ],
  walkLengthMinusOne: [
    'walk length - 1',
    value => `${Number(value) + 1} levels`,
    sdm('Extended-Page-Table Pointer'),
  ],
  accessedDirty: ['A/D flags', when('enabled', 'off'), sdm('Extended-Page-Table Pointer')],
  supervisorShadowStack: [
    'shadow-stack control',
    when('enforced', 'off'),
    sdm('Extended-Page-Table Pointer'),
  ],
  miss: [
    'SPPT miss',
    when('an entry is not valid', 'a misconfiguration: a reserved bit is set'),
    `${seed1}, "SPPT VM exit type"`,
  ],
  nmiUnblocking: ['NMI unblocking', when('due to IRET', 'no'), `${seed1}, "NMI unblocking due to IRET"`],
  readable: ['EPT allows reads', when('yes, at every level', 'no'), sdm('Exit Qualification')],
  writable: ['EPT allows writes', when('yes, at every level', 'no'), sdm('Exit Qualification')],
  executable: ['EPT allows fetches', when('yes, at every level', 'no'), sdm('Exit Qualification')],
  executableUser: ['EPT allows user fetches', when('yes', 'no, or undefined'), sdm('Exit Qualification')],
  linearValid: ['linear address valid', when('yes', 'no'), sdm('Exit Qualification')],
  finalTranslation: [
    'of the linear address itself',
    when('the access itself', "an access to the guest's own page tables"),
    sdm('Exit Qualification'),
  ],
};

const accessTitles: Readonly<Record<string, string>> = {
  read: 'was a read',
  write: 'was a write',
  execute: 'was a fetch',
};

/** The title, the meaning of the value and the source of one field of a word. */
export function meaningOf(layout: string, name: string, field: Field, value: unknown): Meaning {
  if (field.role === 'ignored')
    return { title: 'ignored', meaning: 'means nothing here', source: entryFormat };
  if (field.role === 'reserved') return { title: 'reserved', meaning: 'must be 0', source: entryFormat };
  const subPage = /^subPage(\d+)$/.exec(name)?.[1];
  if (subPage !== undefined) {
    const bytes = `bytes ${Number(subPage) * 128} to ${Number(subPage) * 128 + 127}`;
    const meaning = `${bytes}: ${value === true ? 'writable' : 'write-protected'}`;
    return { title: `sub-page ${subPage}`, meaning, source: `${seed1}, "Format of the SPPT L1E"` };
  }
  if (layout === 'ViolationQualification' && accessTitles[name] !== undefined) {
    return {
      title: accessTitles[name],
      meaning: value === true ? 'yes' : 'no',
      source: sdm('Exit Qualification'),
    };
  }
  const known = byName[name];
  if (known === undefined) return { title: name, meaning: '', source: '' };
  const [title, say, source] = known;
  return { title, meaning: say(value), source };
}
