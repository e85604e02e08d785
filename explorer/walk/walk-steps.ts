import {
  type Access,
  allGive,
  type Cpu,
  demandOf,
  describeEntry,
  Eptp,
  type Level,
  levelsFrom,
  missingRights,
  normative,
  type Outcome,
  type Right,
  explainOutcome,
  type WalkRead,
  eptLevels,
} from '../../model/ept/index.ts';
import { walkEpt } from '../../model/ept/walk.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import { type SppCondition, sppConditions } from '../../model/ept/spp/index.ts';
import type { Source } from '../../model/citation.ts';

/** One stage of a walk as the page lights it: read and passed, where the walk ended, or never come to. */
export interface Stage {
  readonly state: 'passed' | 'ended' | 'unread';
  readonly name: string;
  /** What was decided here, in a few words. */
  readonly decision: string;
  readonly read?: WalkRead;
}

/** A condition for the sub-page table to be asked, and whether it holds. */
export interface Condition {
  readonly name: SppCondition;
  readonly rule: string;
  readonly holds: boolean;
  readonly source: Source;
}

export interface WalkStages {
  readonly ept: readonly Stage[];
  /** What the EPT grants together, once a page is found. */
  readonly grant?: { readonly rights: readonly Right[]; readonly missing: readonly string[] };
  /** Why the SPPT is asked or not: only where the EPT does not grant the access. */
  readonly conditions?: readonly Condition[];
  readonly sppt: readonly Stage[];
}

const rights = ['read', 'write', 'execute'] as const;

/** `r-x`: what an entry gives. */
const rightsText = (read: WalkRead): string =>
  rights.map(right => (allGive([read], right) ? (right === 'execute' ? 'x' : right[0]) : '-')).join('');

const hex = (value: unknown): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);

/** What an entry that the walk went through says. */
function passedText(read: WalkRead): string {
  const { fields } = describeEntry(read);
  if (read.table === 'sppt') {
    return read.level === 1
      ? 'a vector without reserved bits'
      : `valid: the next table is at ${hex(fields['table'])}`;
  }
  const gives = rightsText(read);
  return 'page' in fields
    ? `${gives}: maps the page at ${hex(fields['page'])}`
    : `${gives}: the next table is at ${hex(fields['table'])}`;
}

/** Why the walk ended at its last entry, where it did. */
function endText(outcome: Outcome, cpu: Cpu): string | undefined {
  switch (outcome.kind) {
    case 'spp_miss':
      return 'not valid: bit 0 is 0';
    case 'ept_misconfig':
    case 'spp_misconfig':
      return explainOutcome(outcome, cpu).text;
    case 'ept_violation':
    case 'virtualization_exception':
      if (outcome.cause.why === 'not-present') return 'not present: bits 2:0 are 0';
      if (outcome.cause.why === 'sub-page') return `denies sub-page ${outcome.cause.subPages.join(', ')}`;
      return undefined;
    default:
      return undefined;
  }
}

const spptName = (level: Level): string => (level === 1 ? 'L1E, the vector' : `L${level}E`);

function stagesOf(table: 'ept' | 'sppt', levels: readonly Level[], outcome: Outcome, cpu: Cpu): Stage[] {
  const last = outcome.walk.at(-1);
  return levels.map((level): Stage => {
    const name = table === 'ept' ? eptLevels[level].name : spptName(level);
    const read = outcome.walk.find(one => one.table === table && one.level === level);
    if (read === undefined) {
      const needed = outcome.kind === 'unknown' && outcome.table === table && outcome.level === level;
      return needed
        ? { state: 'ended', name, decision: `nobody knows the word at ${hex(outcome.address)}` }
        : { state: 'unread', name, decision: 'not read' };
    }
    const end = read === last ? endText(outcome, cpu) : undefined;
    if (end !== undefined) return { state: 'ended', name, decision: end, read };
    const permits = read === last && outcome.kind === 'allowed' && table === 'sppt' && level === 1;
    return {
      state: 'passed',
      name,
      decision: permits ? 'permits every sub-page touched' : passedText(read),
      read,
    };
  });
}

/** A walk in stages: what each level says, what the EPT grants, whether the SPPT is asked and why. */
export function walkStages(memory: PhysicalMemory, cpu: Cpu, access: Access, outcome: Outcome): WalkStages {
  const levels = levelsFrom(Eptp.get(cpu.eptp, 'walkLengthMinusOne') === 4 ? 5 : 4);
  const reads = outcome.walk.filter(({ table }) => table === 'ept');
  const shallowest = reads.at(-1)?.level ?? 1;
  const found =
    outcome.kind === 'vmentry_fail' ? undefined : walkEpt(memory, cpu, demandOf(access, cpu), normative);
  const isPage = found?.kind === 'page';
  const ept = stagesOf('ept', isPage ? levels.filter(level => level >= shallowest) : levels, outcome, cpu);
  if (!isPage) return { ept, sppt: stagesOf('sppt', [4, 3, 2, 1], outcome, cpu) };
  const { page } = found;
  const demand = demandOf(access, cpu);
  const missing = missingRights(page, demand, cpu);
  const conditions = sppConditions.map(({ name, rule, holds, source }) => ({
    name,
    rule,
    holds: holds({ page, demand, cpu }),
    source,
  }));
  return {
    ept,
    grant: {
      rights: rights.filter(right => allGive(reads, right)),
      missing,
    },
    ...(missing.length === 0 ? {} : { conditions }),
    sppt: stagesOf('sppt', [4, 3, 2, 1], outcome, cpu),
  };
}
