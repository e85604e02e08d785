import type { Word } from '../../bits/index.ts';
import type { Conditions } from '../check.ts';
import type { Cpu } from '../cpu.ts';
import type { Demand } from '../demand.ts';
import { EptPte } from '../entry.ts';
import { allGive } from '../rights.ts';
import type { MappedPage } from '../translation.ts';
import { facts, seed } from '../../citation.ts';

export type SppCondition =
  | 'control'
  | 'write'
  | 'linear-address'
  | 'not-paging-structure'
  | 'not-supervisor-shadow-stack'
  | '4-kbyte-page'
  | 'bit-61'
  | 'accumulated-write-clear'
  | 'accumulated-read-set';

/** An access that the EPT does not grant, and the translation it found. */
export interface RefusedAccess {
  readonly page: MappedPage<Word>;
  readonly demand: Demand;
  readonly cpu: Cpu<Word>;
}

/**
 * When the SPPT decides instead of an EPT violation: all of these hold; facts 2, step 5. Seed 003: "If the EPT
 * write-access bit set to 0 and the SPP bit set to 1 in the leaf EPT paging-structure entry that maps a 4KB page";
 * the write bit is the accumulated one, as the same mail says: "state of the accumulated write-access bit". The
 * flow chart draws neither the test for a write, nor for a readable 4-KByte page, nor for the kind of access. What
 * the access is comes first: only a write that may ask the SPPT looks at bit 61 at all.
 */
export const sppConditions: Conditions<SppCondition, RefusedAccess> = [
  {
    name: 'control',
    rule: 'the control "sub-page write permissions for EPT" is 1',
    unless: '"sub-page write permissions for EPT" is 0',
    source: seed('001', 'VMexec_control.spp'),
    holds: ({ cpu }) => cpu.controls.spp,
  },
  {
    name: 'write',
    rule: 'the access is a write',
    unless: 'the access is not a write',
    source: seed('001', 'can occur only due to an attempt to write memory with a guest physical address'),
    holds: ({ demand }) => demand.write,
  },
  {
    name: 'linear-address',
    rule: 'there is a linear address',
    unless: 'there is no linear address',
    source: facts.eptSpp('2', 'linearValid and not pageWalk'),
    holds: ({ demand }) => demand.access.linearValid,
  },
  {
    name: 'not-paging-structure',
    rule: 'it is no access of a guest page walk',
    unless: 'it is an access to a guest paging structure',
    source: facts.eptSpp('2', 'linearValid and not pageWalk'),
    holds: ({ demand }) => !demand.access.pageWalk,
  },
  {
    name: 'not-supervisor-shadow-stack',
    rule: 'it is no supervisor shadow-stack access',
    unless: 'it is a supervisor shadow-stack access',
    source: facts.eptSpp('2', 'No SPP here'),
    holds: ({ demand }) => !demand.supervisorShadowStack,
  },
  {
    name: '4-kbyte-page',
    rule: 'the leaf maps a 4-KByte page',
    unless: 'the leaf does not map a 4-KByte page',
    source: seed('003', 'the leaf EPT paging-structure entry that maps a 4KB page'),
    holds: ({ page }) => page.level === 1,
  },
  {
    name: 'bit-61',
    rule: 'bit 61 of the leaf is 1',
    unless: 'bit 61 of the leaf is 0',
    source: seed('001', 'ept_leaf_entry.spp_bit (bit 61)'),
    holds: ({ page }) => EptPte.get(page.leaf.word, 'subPageWrite'),
  },
  {
    name: 'accumulated-write-clear',
    rule: 'write is 0 in some entry',
    unless: 'the accumulated write permission is 1',
    source: seed('003', 'accumulated write-access bit'),
    holds: ({ page }) => !allGive(page.entries, 'write'),
  },
  {
    name: 'accumulated-read-set',
    rule: 'read is 1 in every entry',
    unless: 'the accumulated read permission is 0',
    source: facts.eptSpp('2', 'acc.R = 1, acc.W = 0'),
    holds: ({ page }) => allGive(page.entries, 'read'),
  },
];
