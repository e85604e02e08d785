import { addressHex, groupedHex } from '../../bits/index.ts';
import { eptLevels } from '../level.ts';
import { misconfigurations } from '../misconfiguration.ts';
import type { Outcome, Unknown, ViolationCause } from '../outcome.ts';
import { sppConditions } from '../spp/eligibility.ts';
import type { WalkRead } from '../translation.ts';

/** What decided an access, in words, and where that is written. */
export interface Decision {
  readonly text: string;
  readonly source: string;
}

const missingWords = {
  read: 'read permission',
  write: 'write permission',
  execute: 'execute permission',
  'write-above-leaf': 'write permission above the leaf',
  'shadow-stack-page': 'bit 60 (supervisor shadow-stack page) in the leaf',
} as const;

const sppWords = {
  control: '"sub-page write permissions for EPT" is 0',
  '4-kbyte-page': 'the leaf does not map a 4-KByte page',
  'bit-61': 'bit 61 of the leaf is 0',
  write: 'the access is not a write',
  'accumulated-write-clear': 'the accumulated write permission is 1',
  'accumulated-read-set': 'the accumulated read permission is 0',
  'linear-address': 'there is no linear address',
  'not-paging-structure': 'it is an access to a guest paging structure',
  'not-supervisor-shadow-stack': 'it is a supervisor shadow-stack access',
} as const;

const reasonWords = {
  'write-without-read': 'bit 1 (write) is 1 and bit 0 (read) is 0',
  'execute-only-unsupported': 'execute-only, which this processor does not support',
  'page-size-unsupported': 'maps a page of a size that this processor does not support',
  'reserved-bits': 'reserved bits are set',
  'memory-type': 'the memory type is reserved',
} as const;

const nameOf = ({ table, level }: WalkRead): string =>
  table === 'ept' ? eptLevels[level].name : `SPPT L${level}E`;

/** What the word is that an unknown outcome lacks. */
function neededWord({ table, level }: Unknown): string {
  if (table === 've-info' || level === 0) return 'virtualization-exception information';
  return table === 'ept' ? `EPT ${eptLevels[level].name}` : `SPPT L${level}E`;
}

const sourceOf = (checks: readonly { name: string; source: string }[], name: string): string =>
  checks.find(check => check.name === name)?.source ?? '';

function violationDecision(cause: ViolationCause, last: string): Decision {
  switch (cause.why) {
    case 'not-present':
      return {
        text: `the ${last} is not present`,
        source: 'facts/ept-spp.md 2, "not present -> EPT violation"',
      };
    case 'permission': {
      const missing = cause.missing.map(right => missingWords[right]).join(' and ');
      return {
        text: `no ${missing}; the SPPT is not consulted: ${sppWords[cause.sppUnless]}`,
        source: sourceOf(sppConditions, cause.sppUnless),
      };
    }
    case 'sub-page':
      return {
        text: `the vector permits no writes to sub-page ${cause.subPages.join(', ')}`,
        source: 'seed 001, "<false> disallow, EPT violation"',
      };
    case 'cut-short':
      return { text: `the ${last} lacks the right, and the walk ended there (a fault)`, source: 'none' };
  }
}

/** Why an access ended as it did. */
export function explainOutcome(outcome: Outcome): Decision {
  const last = outcome.walk.at(-1);
  const name = last === undefined ? '' : nameOf(last);
  switch (outcome.kind) {
    case 'allowed':
      return outcome.grantedBySpp
        ? {
            text: 'the vector permits writes to every sub-page touched',
            source: 'seed 001, "if sub-page writable"',
          }
        : {
            text: 'every entry used gives the right',
            source: 'facts/ept-spp.md 2, "SPP is not consulted (bit 61 irrelevant when acc.W = 1)"',
          };
    case 'ept_violation':
    case 'virtualization_exception':
      return violationDecision(outcome.cause, name);
    case 'ept_misconfig':
      return {
        text: `the ${name} is misconfigured: ${reasonWords[outcome.reason]}`,
        source: sourceOf(misconfigurations, outcome.reason),
      };
    case 'spp_miss':
      return {
        text: `the ${name} is not valid: bit 0 is 0`,
        source: 'seed 001, "present in any of L4E/L3E/L2E entries"',
      };
    case 'spp_misconfig':
      return {
        text: `the ${name} has reserved bits set: ${groupedHex(outcome.reservedBits)}`,
        source: 'seed 001, "reserved bits or unsupported values are set in SPPT entry"',
      };
    case 'pml_full':
      return {
        text: 'an accessed or dirty flag must be set, and the PML index is not in 0 to 511',
        source: 'facts/ept-spp.md 2, "exit 62 with nothing set"',
      };
    case 'vmentry_fail':
      return {
        text: `the VM entry fails: ${outcome.field} must be such that ${outcome.check}`,
        source: 'facts/ept-spp.md 1.1, "VM-entry check"',
      };
    case 'unknown':
      return {
        text: `the memory does not hold the ${neededWord(outcome)} at ${addressHex(outcome.address)}, which the walk needs`,
        source: '',
      };
  }
}
