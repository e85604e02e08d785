import type { Word } from '../bits/index.ts';
import type { PhysicalMemory } from '../memory/index.ts';
import { walkSppt } from './spp/walk.ts';
import { type Access, checkAccess } from './access.ts';
import type { Cpu } from './cpu.ts';
import { PageAddress } from './page-address.ts';
import type { Demand } from './demand.ts';
import type { Level } from './level.ts';
import type { Outcome, ViolationCause } from './outcome.ts';
import { PmlFullQualification } from './qualification.ts';
import { normative, type WalkRules } from './rules.ts';
import type { MappedPage, WalkRead } from './translation.ts';
import { walkEpt } from './walk.ts';

/** A translation in progress: what never changes on the way. */
interface Walk<W extends Word> {
  readonly memory: PhysicalMemory<W>;
  readonly cpu: Cpu<Word>;
  readonly demand: Demand;
  readonly rules: WalkRules;
}

/**
 * What the processor does with one access to guest-physical memory: facts 2, in that order. Pure: the words that
 * the processor would write are returned, not written.
 *
 * The simple case, a write of one byte under a 4-level EPT:
 *
 *     translate(sparseMemory(words), cpuWith({ eptp: 0x1001en }), guestAccess('write', 0x3000n))
 *
 * @throws RangeError for an access that no guest can make (more than 52 address bits, no bytes) and for a
 *   physical-address width outside 12 to 52. Everything that a processor can meet is an outcome.
 */
export function translate<W extends Word = bigint>(
  memory: PhysicalMemory<W>,
  cpu: Cpu<Word>,
  access: Access,
  rules: WalkRules = normative,
): Outcome<W> {
  checkAccess(access);
  const failed = rules.entryChecks.find(check => !check.holds(cpu));
  if (failed !== undefined) {
    return { kind: 'vmentry_fail', field: failed.field, check: failed.name, walk: [] };
  }
  const walk: Walk<W> = { memory, cpu, demand: rules.demandOf(access, cpu), rules };
  const found = walkEpt(memory, cpu, walk.demand, rules);
  switch (found.kind) {
    case 'unknown':
      return {
        kind: 'unknown',
        table: 'ept',
        level: found.level,
        address: found.address,
        walk: found.reads,
      };
    case 'not-present':
    case 'cut-short':
      return violation(walk, { why: found.kind }, found.level, found.reads);
    case 'misconfigured':
      return {
        kind: 'ept_misconfig',
        exitReason: 49,
        qualification: 0n,
        gpaField: rules.reportedAddress(access),
        level: found.level,
        reason: found.reason,
        walk: found.reads,
      };
    case 'page':
      return decide(walk, found.page);
  }
}

/** Steps 3 to 5: by the rights of the EPT or, where a write is eligible, by the sub-page's permission. */
function decide<W extends Word>(walk: Walk<W>, page: MappedPage<W>): Outcome<W> {
  const { memory, cpu, demand, rules } = walk;
  const gpaField = rules.reportedAddress(demand.access);
  const missing = rules.missingRights(page, demand, cpu);
  if (missing.length === 0) return complete(walk, page, []);
  const unmet = rules.sppConditions.find(condition => !condition.holds({ page, demand, cpu }));
  if (unmet !== undefined) {
    return violation(
      walk,
      { why: 'permission', missing, sppUnless: unmet.name },
      page.level,
      page.entries,
      page,
    );
  }
  const look = walkSppt(memory, cpu, demand.access, rules);
  const reads = [...page.entries, ...look.reads];
  switch (look.kind) {
    case 'unknown':
      return { kind: 'unknown', table: 'sppt', level: look.level, address: look.address, walk: reads };
    case 'miss':
    case 'misconfigured': {
      const exit = { exitReason: 66, gpaField, walk: reads } as const;
      const qualification = rules.sppQualification(look.kind, cpu);
      if (look.kind === 'miss') return { kind: 'spp_miss', ...exit, level: look.level, qualification };
      const { level, reservedMask } = look;
      return { kind: 'spp_misconfig', ...exit, level, reservedMask, qualification };
    }
    case 'denied':
      return violation(walk, { why: 'sub-page', subPages: look.subPages }, 1, reads, page);
    case 'permitted':
      return complete(walk, page, look.reads);
  }
}

/** Steps 6 and 7: flags and log, then the access happens. */
function complete<W extends Word>(
  { cpu, demand, rules }: Walk<W>,
  page: MappedPage<W>,
  sppt: readonly WalkRead<W>[],
): Outcome<W> {
  const { gpa } = demand.access;
  const walk = [...page.entries, ...sppt];
  const updates = rules.flagUpdates(page, demand, cpu);
  if (rules.isLogFull(updates, cpu)) {
    const nmiUnblocking = cpu.state.nmiUnblockingIret;
    return {
      kind: 'pml_full',
      exitReason: 62,
      qualification: PmlFullQualification.encode({ nmiUnblocking }),
      walk,
    };
  }
  const logged = cpu.controls.pml && updates.setsDirty ? rules.logDirtyPage(gpa, cpu) : undefined;
  return {
    kind: 'allowed',
    level: page.level,
    hpa: rules.hostAddress(page, gpa),
    pageSize: page.pageSize,
    grantedBySpp: sppt.length > 0,
    memoryWrites: logged === undefined ? updates.writes : [...updates.writes, logged.entry],
    ...(cpu.controls.pml && { pmlIndexAfter: logged?.pmlIndexAfter ?? cpu.state.pmlIndex }),
    walk,
  };
}

/** An EPT violation, or the #VE that it becomes. `page` where a leaf was reached. */
function violation<W extends Word>(
  { memory, cpu, demand, rules }: Walk<W>,
  cause: ViolationCause,
  level: Level,
  walk: readonly WalkRead<W>[],
  page?: MappedPage<W>,
): Outcome<W> {
  const entries = walk.filter(({ table }) => table === 'ept');
  const { word: qualification, undefinedBits } = rules.violationQualification(
    demand,
    entries,
    page?.leaf,
    cpu,
  );
  const report = { level, cause, qualification, undefinedBits, walk };
  const gpaField = rules.reportedAddress(demand.access);
  const ends = { first: entries.at(0), last: entries.at(-1), cpu };
  if (rules.veConditions.every(condition => condition.holds(ends))) {
    const address = PageAddress.get(cpu.state.veInfoAddress, 'page');
    const header = memory.read(address);
    if (header === undefined) return { kind: 'unknown', table: 've-info', level: 0, address, walk };
    if (rules.isVeInfoFree(header)) {
      return {
        kind: 'virtualization_exception',
        ...report,
        memoryWrites: rules.veInfo(qualification, demand, cpu),
      };
    }
  }
  const memoryWrites = rules.refusedUpdates(entries, cpu);
  const exit = { kind: 'ept_violation', exitReason: 48, gpaField, ...report } as const;
  return memoryWrites.length === 0 ? exit : { ...exit, memoryWrites };
}
