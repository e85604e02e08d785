import { addressHex } from '../../bits/index.ts';
import type { Cpu } from '../cpu.ts';
import { eptLevels } from '../level.ts';
import { misconfigurations } from '../misconfiguration.ts';
import {
  type EptMisconfig,
  type Outcome,
  reservedBitsIn,
  type Unknown,
  type ViolationCause,
  type VmEntryFail,
} from '../outcome.ts';
import { reservedBitsInWords } from '../reserved-bits.ts';
import { mapsPage } from '../rights.ts';
import { sppConditions } from '../spp/eligibility.ts';
import type { WalkRead } from '../translation.ts';
import { veConditions } from '../virtualization-exception.ts';
import { entryChecks } from '../vm-entry.ts';
import { facts, seed, type Source } from '../../citation.ts';

/** What decided an access, in words, and where that is written. */
export interface Decision {
  readonly text: string;
  readonly source: Source | '';
}

const missingWords = {
  read: 'read permission',
  write: 'write permission',
  execute: 'execute permission',
  'write-above-leaf': 'write permission above the leaf',
  'shadow-stack-page': 'bit 60 (supervisor shadow-stack page) in the leaf',
} as const;

const nameOf = ({ table, level }: WalkRead): string =>
  table === 'ept' ? eptLevels[level].name : `SPPT L${level}E`;

/** What the word is that an unknown outcome lacks. */
function neededWord({ table, level }: Unknown): string {
  if (table === 've-info' || level === 0) return 'virtualization-exception information';
  return table === 'ept' ? `EPT ${eptLevels[level].name}` : `SPPT L${level}E`;
}

/** Of a named check of a list, which holds the check. */
function named<C extends { readonly name: string }>(checks: readonly C[], name: string): C {
  const check = checks.find(one => one.name === name);
  if (check === undefined) throw new RangeError(`there is no check named ${name}`);
  return check;
}

function violationDecision(cause: ViolationCause, last: string): Decision {
  switch (cause.why) {
    case 'not-present':
      return {
        text: `the ${last} is not present`,
        source: facts.eptSpp('2', 'not present -> EPT violation'),
      };
    case 'permission': {
      const missing = cause.missing.map(right => missingWords[right]).join(' and ');
      const { unless, source } = named(sppConditions, cause.sppUnless);
      return { text: `no ${missing}; the SPPT is not consulted: ${unless}`, source };
    }
    case 'sub-page':
      return {
        text: `the vector permits no writes to sub-page ${cause.subPages.join(', ')}`,
        source: seed('001', '<false> disallow, EPT violation'),
      };
    case 'cut-short':
      return { text: `the ${last} lacks the right, and the walk ended there (a fault)`, source: '' };
  }
}

function misconfigurationDecision({ reason, level, walk }: EptMisconfig, name: string, cpu: Cpu): Decision {
  const { rule, found, source } = named(misconfigurations, reason);
  const word = walk.at(-1)?.word ?? 0n;
  const says = found?.({ level, word, isPage: mapsPage(level, word), cpu }) ?? rule;
  return { text: `the ${name} is misconfigured: ${says}`, source };
}

function entryDecision({ field, check }: VmEntryFail, cpu: Cpu): Decision {
  const { name, found, source } = named(entryChecks, check);
  return { text: `the VM entry fails: ${field} must be such that ${name}, and ${found(cpu)}`, source };
}

/** Why an access ended as it did on this processor. */
export function explainOutcome(outcome: Outcome, cpu: Cpu): Decision {
  const last = outcome.walk.at(-1);
  const name = last === undefined ? '' : nameOf(last);
  switch (outcome.kind) {
    case 'allowed':
      return outcome.grantedBySpp
        ? {
            text: 'the vector permits writes to every sub-page touched',
            source: seed('001', 'if sub-page writable'),
          }
        : {
            text: 'every entry used gives the right',
            source: facts.eptSpp('2', 'SPP is not consulted (bit 61 irrelevant when acc.W = 1)'),
          };
    case 'ept_violation':
    case 'virtualization_exception':
      return violationDecision(outcome.cause, name);
    case 'ept_misconfig':
      return misconfigurationDecision(outcome, name, cpu);
    case 'spp_miss':
      return {
        text: `the ${name} is not valid: bit 0 is 0`,
        source: seed('001', 'present in any of L4E/L3E/L2E entries'),
      };
    case 'spp_misconfig':
      return {
        text: `in the ${name} ${reservedBitsInWords(reservedBitsIn(outcome), cpu.maxPhysicalAddressWidth)}`,
        source: seed('001', 'reserved bits or unsupported values are set in SPPT entry'),
      };
    case 'pml_full':
      return {
        text: 'an accessed or dirty flag must be set, and the PML index is not in 0 to 511',
        source: facts.eptSpp('2', 'exit 62 with nothing set'),
      };
    case 'vmentry_fail':
      return entryDecision(outcome, cpu);
    case 'unknown':
      return {
        text: `the memory does not hold the ${neededWord(outcome)} at ${addressHex(outcome.address)}, which the walk needs`,
        source: '',
      };
  }
}

/** Why an EPT violation did not become a virtualization exception, where the control that permits it is 1. */
export function explainNoException(outcome: Outcome, cpu: Cpu): Decision | undefined {
  if (outcome.kind !== 'ept_violation' || !cpu.controls.eptViolationVe) return undefined;
  const entries = outcome.walk.filter(({ table }) => table === 'ept');
  const ends = { first: entries.at(0), last: entries.at(-1), cpu };
  const unmet = veConditions.find(condition => !condition.holds(ends));
  if (unmet !== undefined) return { text: unmet.unless, source: unmet.source };
  return {
    text: `the information area at ${addressHex(cpu.state.veInfoAddress)} is in use: its bytes 7:4 are not 0`,
    source: facts.eptSpp('2', '32 bits at VE-info+4 zero'),
  };
}
