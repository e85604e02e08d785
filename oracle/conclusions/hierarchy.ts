import type { Fact } from '../../evidence/paste/index.ts';
import { addressHex, wordHex } from '../../model/bits/index.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import {
  type AccessKind,
  type Capabilities,
  type Cpu,
  cpuWith,
  describeEntry,
  entryAddress,
  Eptp,
  EptPml4e,
  explainNoException,
  explainOutcome,
  guestAccess,
  headline,
  type Level,
  mapsPage,
  misconfigurations,
  type Outcome,
  translate,
  ViolationQualification,
} from '../../model/ept/index.ts';
import type { Conclusion, Said } from './conclusion.ts';
import { eptpInWords, type ExitRecord, fieldOf, statedControls } from './exit-record.ts';

/** The entries of one walk, from the root down. */
export interface Hierarchy {
  readonly line: number;
  /** The report that it stands in. */
  readonly by: string;
  readonly gpa: bigint | undefined;
  readonly entries: readonly { readonly level: Level; readonly word: bigint; readonly line: number }[];
}

const isLevel = (number: number): number is Level => number >= 1 && number <= 5;

/** Entries that follow one another with falling levels are of one walk. */
export function hierarchiesOf(facts: readonly Fact[]): readonly Hierarchy[] {
  const found: {
    line: number;
    by: string;
    gpa: bigint | undefined;
    entries: { level: Level; word: bigint; line: number }[];
  }[] = [];
  let current: (typeof found)[number] | undefined;
  for (const fact of facts) {
    if (fact.kind === 'hierarchy') {
      current = { line: fact.line, by: fact.by, gpa: fact.gpa, entries: [] };
      found.push(current);
    } else if (fact.kind === 'entry') {
      const below = current?.entries.at(-1)?.level;
      // without numbers Xen's list begins at level 4
      const level = fact.level ?? (below === undefined ? 4 : below - 1);
      if (!isLevel(level)) continue;
      const isOther = below !== undefined && level >= below;
      if (current === undefined || isOther || fact.gpa !== undefined) {
        current = {
          line: fact.line,
          by: fact.by,
          gpa: fact.gpa ?? (isOther ? undefined : current?.gpa),
          entries: [],
        };
        found.push(current);
      }
      current.entries.push({ level, word: fact.word, line: fact.line });
    }
  }
  return found.filter(({ entries }) => entries.length > 0);
}

/** What the entries of a walk say: by itself where only one is known, and of accesses where the walk is whole. */
export function concludeHierarchy(
  hierarchy: Hierarchy,
  record: ExitRecord | undefined,
  said: Said,
  capabilities: Partial<Capabilities>,
): Conclusion {
  const { entries, gpa, line } = hierarchy;
  const about = `the ${entries.length === 1 ? 'entry' : 'entries'} at line ${line}`;
  const eptp = record === undefined ? undefined : fieldOf(record, 'eptp');
  const top = entries[0]?.level;
  const isWhole = gpa !== undefined && (top === 4 || top === 5);
  if (!isWhole)
    return {
      about,
      verdict: 'told',
      lines: entries.flatMap(entry => entryLines(entry, said, gpa, capabilities)),
    };
  return concludeWalk(hierarchy, gpa, eptp, record, said, capabilities, about);
}

function entryLines(
  { level, word }: { readonly level: Level; readonly word: bigint },
  { maxPhysicalAddressWidth }: Said,
  gpa: bigint | undefined,
  capabilities: Partial<Capabilities>,
): string[] {
  const isPage = mapsPage(level, word);
  const { name, fields } = describeEntry({ table: 'ept', level, address: 0n, word });
  const rights =
    ['read', 'write', 'execute'].filter(right => fields[right] === true).join(' ') || 'not present';
  const target = fields['page'] ?? fields['table'];
  const at = gpa === undefined ? '' : ` for ${addressHex(gpa)}`;
  const maps =
    typeof target === 'bigint' ? `, ${isPage ? 'maps page' : 'refers to table'} ${addressHex(target)}` : '';
  const cpu = cpuWith({ eptp: 0x1en, maxPhysicalAddressWidth, capabilities });
  const wrong =
    rights === 'not present'
      ? undefined
      : misconfigurations.find(check => check.holds({ level, word, isPage, cpu }));
  return [
    `${name}${at} ${wordHex(word)}: ${rights}${maps}`,
    ...(wrong === undefined
      ? []
      : [`  misconfigured: ${wrong.found?.({ level, word, isPage, cpu }) ?? wrong.rule}`]),
  ];
}

/** Tables lie where the entries say; only the root has to be made up where no EPTP says where it is. */
function concludeWalk(
  { entries, by }: Hierarchy,
  gpa: bigint,
  statedEptp: bigint | undefined,
  record: ExitRecord | undefined,
  { maxPhysicalAddressWidth }: Said,
  capabilities: Partial<Capabilities>,
  about: string,
): Conclusion {
  const top = entries[0]?.level === 5 ? 5 : 4;
  const eptp = statedEptp ?? madeUpEptp(entries, top);
  let table = Eptp.get(eptp, 'table');
  const words: [bigint, bigint][] = [];
  for (const { level, word } of entries) {
    words.push([entryAddress(table, level, gpa), word]);
    table = EptPml4e.get(word, 'table');
  }
  const controls = statedControls(record);
  const cpu = cpuWith({
    eptp,
    maxPhysicalAddressWidth,
    capabilities,
    ...(controls === undefined ? {} : { controls }),
  });
  const outcomes = accessesOf(record).map(({ kind, pageWalk }) => ({
    kind,
    pageWalk,
    outcome: translate(sparseMemory(words), cpu, guestAccess(kind, gpa, { pageWalk })),
  }));
  const lines = [
    statedEptp === undefined
      ? `${eptpInWords(eptp)}: the root is made up, for no EPTP is here; the addresses of the other tables follow from the entries`
      : eptpInWords(eptp),
    ...outcomes.flatMap(({ kind, pageWalk, outcome }) => outcomeLines(kind, pageWalk, gpa, outcome, cpu)),
  ];
  const isAllAllowed = outcomes.every(({ outcome }) => outcome.kind === 'allowed');
  if (isAllAllowed && by === 'KVM misconfiguration report')
    lines.push(
      'every printed entry is well formed: if the processor reported a misconfiguration, it saw other words than these (they were changed before they were printed)',
    );
  return {
    about,
    verdict: outcomes.some(({ outcome }) => outcome.kind === 'unknown') ? 'unknown' : 'told',
    lines,
  };
}

/** A root that is none of the tables that the entries refer to. */
function madeUpEptp(entries: Hierarchy['entries'], top: 4 | 5): bigint {
  const taken = new Set(entries.map(({ word }) => EptPml4e.get(word, 'table')));
  let table = 0x1000_0000n;
  while (taken.has(table)) table += 0x1000n;
  return Eptp.encode({ memoryType: 6, walkLengthMinusOne: top - 1, accessedDirty: true, table });
}

/** The access that the exit's qualification tells of; every kind where there is none. */
function accessesOf(
  record: ExitRecord | undefined,
): readonly { readonly kind: AccessKind; readonly pageWalk: boolean }[] {
  const word = record === undefined ? undefined : fieldOf(record, 'exitQualification');
  if (word === undefined || word === 0n)
    return (['read', 'write', 'execute'] as const).map(kind => ({ kind, pageWalk: false }));
  const { read, write, execute, linearValid, finalTranslation } = ViolationQualification.decode(word);
  const kind: AccessKind = read && write ? 'rmw' : write ? 'write' : execute ? 'execute' : 'read';
  return [{ kind, pageWalk: linearValid && !finalTranslation }];
}

const accessWords: Readonly<Record<AccessKind, string>> = {
  read: 'read',
  write: 'write',
  rmw: 'read-modify-write',
  execute: 'fetch',
  shadow_stack_read: 'shadow-stack read',
  shadow_stack_write: 'shadow-stack write',
};

function outcomeLines(
  kind: AccessKind,
  pageWalk: boolean,
  gpa: bigint,
  outcome: Outcome,
  cpu: Cpu,
): string[] {
  const where = pageWalk
    ? ` of a paging structure of the guest at ${addressHex(gpa)}`
    : ` of ${addressHex(gpa)}`;
  const noException = explainNoException(outcome, cpu);
  return [
    `${accessWords[kind]}${where}: ${headline(outcome)}${'qualification' in outcome ? `, qualification ${addressHex(outcome.qualification)}` : ''}`,
    `  ${explainOutcome(outcome, cpu).text}`,
    ...(noException === undefined ? [] : [`  no #VE: ${noException.text}`]),
  ];
}
