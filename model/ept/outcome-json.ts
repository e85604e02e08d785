import { addressHex } from '../bits/index.ts';
import type { MemoryWrite } from '../memory/index.ts';
import { type Outcome, reservedBitsIn } from './outcome.ts';

const wordsOf = (writes: readonly MemoryWrite[]): Record<string, string> =>
  Object.fromEntries(writes.map(({ address, word }) => [addressHex(address), addressHex(word)]));

const undefinedBits = (bits: bigint): { dontCareMask?: string } =>
  bits === 0n ? {} : { dontCareMask: addressHex(bits) };

/** An outcome as one JSON object, with the names that the vectors' `expect` uses; a contract. */
export function outcomeJson(outcome: Outcome): Record<string, unknown> {
  const { kind } = outcome;
  const walk = outcome.walk.map(({ address }) => addressHex(address));
  switch (kind) {
    case 'allowed': {
      const { level, hpa, grantedBySpp, pageSize, memoryWrites, pmlIndexAfter } = outcome;
      return {
        kind,
        level,
        hpa: addressHex(hpa),
        grantedBySpp,
        pageSize,
        memoryWrites: wordsOf(memoryWrites),
        ...(pmlIndexAfter !== undefined && { pmlIndexAfter }),
        walk,
      };
    }
    case 'ept_violation': {
      const { exitReason, qualification, gpaField, level, cause } = outcome;
      return {
        kind,
        exitReason,
        qualification: addressHex(qualification),
        ...undefinedBits(outcome.undefinedBits),
        gpaField: addressHex(gpaField),
        level,
        cause,
        walk,
      };
    }
    case 'virtualization_exception': {
      const { qualification, level, cause, memoryWrites } = outcome;
      return {
        kind,
        vector: 20,
        qualification: addressHex(qualification),
        ...undefinedBits(outcome.undefinedBits),
        level,
        cause,
        memoryWrites: wordsOf(memoryWrites),
        walk,
      };
    }
    case 'ept_misconfig':
    case 'spp_miss':
    case 'spp_misconfig': {
      const { exitReason, qualification, gpaField, level } = outcome;
      return {
        kind,
        exitReason,
        qualification: addressHex(qualification),
        gpaField: addressHex(gpaField),
        level,
        ...(kind === 'ept_misconfig' && { reason: outcome.reason }),
        ...(kind === 'spp_misconfig' && { reservedBits: addressHex(reservedBitsIn(outcome)) }),
        walk,
      };
    }
    case 'pml_full': {
      const { exitReason, qualification } = outcome;
      return { kind, exitReason, qualification: addressHex(qualification), walk };
    }
    case 'vmentry_fail':
      return { kind, field: outcome.field, check: outcome.check, walk };
    case 'unknown': {
      const { table, level, address } = outcome;
      return { kind, table, level, address: addressHex(address), walk };
    }
  }
}
