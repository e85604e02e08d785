import { describe, expect, test, vi } from 'vitest';
import { facts } from '../../../../model/citation.ts';
import { EptPte, normative, rulesWith, type WalkFault } from '../../../../model/ept/index.ts';
import { holdSetting } from '../../../../systems/spp-walk/every-word/hold.ts';
import {
  type ProcessorChoice,
  type Setting,
  settingsOf,
} from '../../../../systems/spp-walk/every-word/settings.ts';
import { walkPaths } from '../../../../systems/spp-walk/every-word/walk-paths.ts';

function settingOf(choice: ProcessorChoice, name: string): Setting {
  const [setting] = settingsOf(choice, [name]);
  if (setting === undefined) throw new Error(`there is no access ${name}`);
  return setting;
}

const countOf = (setting: Setting, rules = normative): number => [...walkPaths(setting, rules)].length;
const spp: ProcessorChoice = { controls: ['spp'] };

describe('every word of a walk', () => {
  test.each([
    ['read', spp],
    ['write', spp],
    ['write across sub-pages 5 and 6', spp],
    ['fetch', spp],
    ['read-modify-write', { controls: ['spp', 'pml'], accessedDirty: true }],
    ['guest page walk', { ...spp, accessedDirty: true }],
    ['PDPTE load', { controls: ['spp', 'eptViolationVe'] }],
    ['write', { controls: ['spp', 'eptViolationVe'], state: { eventDelivery: true } }],
    ['write', { controls: ['pml'], accessedDirty: true, state: { pmlIndex: 512 } }],
    ['supervisor shadow-stack write', { ...spp, supervisorShadowStack: true }],
    ['user fetch', { controls: ['mbe'], lacks: ['executeOnly', 'twoMPages', 'oneGPages'] }],
    ['write', { ...spp, levels: 5 }],
    ['read', { varies: ['eptp'] }],
  ] satisfies (readonly [string, ProcessorChoice])[])(
    '%s under %o: the sets are everything, the machines and every sentence hold',
    (name, choice) => {
      const { covered, broken } = holdSetting(settingOf(choice, name));
      expect(covered.problem).toBeUndefined();
      expect(broken.map(({ what, why }) => `${what}: ${why}`)).toEqual([]);
    },
    30_000,
  );

  test('a read needs four words, a write under SPP eight, a #VE one more; a pointer that varies is one too', () => {
    const wordsOf = (name: string, choice: ProcessorChoice): number =>
      holdSetting(settingOf(choice, name), normative, []).words;
    expect(wordsOf('read', spp)).toBe(4);
    expect(wordsOf('write', spp)).toBe(8);
    expect(wordsOf('write', { controls: ['spp', 'eptViolationVe'] })).toBe(9);
    expect(wordsOf('read', { varies: ['eptp'] })).toBe(6); // which may say that there are five levels
  });
});

/**
 * Why so few: an entry is looked at as far as it decides. A present table says of its bits 2:0 that reads are permitted
 * or, where they are not, that execution is (2 ways to go on), and the other rights are asked together, from the top,
 * and no further than the first entry that withholds one.
 */
describe('the number of paths', () => {
  test('of a read, level by level', () => {
    const { endings } = holdSetting(settingOf({}, 'read'), normative, []);
    expect(Object.fromEntries(endings)).toEqual({
      // every entry gives reads: one way for a page of each size
      'allowed L1': 1,
      'allowed L2': 1,
      'allowed L3': 1,
      // write without read; a reserved bit set beside read, or beside execution alone
      'ept_misconfig L4': 3,
      // after each of 2 ways: bit 7 is asked first, then 2 of write without read, 2 x 2 of reserved bits, 2 of the type
      'ept_misconfig L3': 2 * (2 + 4 + 2),
      'ept_misconfig L2': 4 * (2 + 4 + 2),
      // a PTE is no table: half of each, and the memory type
      'ept_misconfig L1': 8 * (1 + 2 + 2),
      // nothing above was read, so nothing more is asked
      'ept_violation L4': 1,
      // not present: 4 answers of W and X of a readable PML4E, 1 of one that permits execution alone; and a 1-GByte
      // page that the PML4E (2: its X), the PDPTE (4: W of the one, X of both) or both (1) make unreadable
      'ept_violation L3': 4 + 1 + 2 + 4 + 1,
      'ept_violation L2': 43,
      'ept_violation L1': 124,
    });
  });

  test('of a write under SPP, level by level', () => {
    const { endings } = holdSetting(settingOf(spp, 'write'), normative, []);
    // who withholds writes first: one of four entries, and nothing else of rights is asked before the SPPT is
    const withheld = 4;
    expect(Object.fromEntries(endings)).toEqual({
      'allowed L1': 1,
      'allowed L2': 1,
      'allowed L3': 1,
      'allowed L1 by vector': withheld,
      'spp_miss L4': withheld,
      'spp_miss L3': withheld,
      'spp_miss L2': withheld,
      'spp_misconfig L4': withheld,
      'spp_misconfig L3': withheld,
      'spp_misconfig L2': withheld,
      'spp_misconfig L1': withheld,
      // as for a read: a misconfiguration is one for every access
      'ept_misconfig L4': 3,
      'ept_misconfig L3': 16,
      'ept_misconfig L2': 32,
      'ept_misconfig L1': 40,
      'ept_violation L4': 1,
      'ept_violation L3': 18,
      'ept_violation L2': 55,
      'ept_violation L1': 245,
    });
  });

  test('of every access on a processor with SPP', () => {
    const counts = settingsOf(spp).map(setting => [setting.choice.name, countOf(setting)] as const);
    const [read, write, ineligible] = [274, 445, 312];
    expect(Object.fromEntries(counts)).toEqual({
      read,
      'user read': read,
      'guest page walk': read,
      'PDPTE load': read,
      'user shadow-stack read': read,
      'supervisor shadow-stack read': read,
      fetch: 296,
      'user fetch': 296,
      write,
      'write to sub-page 6': write,
      'write to the end of the page': write,
      'read-modify-write': write,
      'user shadow-stack write': write,
      'supervisor shadow-stack write': write,
      // the vector has two bits to give: three ways to deny instead of one
      'write across sub-pages 5 and 6': write + 40,
      'guest A/D update': ineligible,
      'write without linear address': ineligible,
    });
  });

  test('is the same for every physical-address width below 52, and smaller at 52, where no address bit is reserved', () => {
    const counts = Array.from({ length: 17 }, (_, i) =>
      countOf(settingOf({ ...spp, width: 36 + i }, 'write')),
    );
    expect(new Set(counts.slice(0, 16)).size).toBe(1);
    expect(counts[16]).toBeLessThan(counts[0] ?? 0);
  });

  test('grows where a rule reads a bit too many, and shrinks where it reads one too few', () => {
    const setting = settingOf(spp, 'write');
    const counted = (change: WalkFault['change']): number =>
      countOf(
        setting,
        rulesWith([{ name: 'test', about: '', source: facts.eptSpp('2', 'acc &= entry'), change }]),
      );
    const looksAtAccessed = counted(rules => ({
      isPresent: (word, cpu) => {
        const present = rules.isPresent(word, cpu);
        if (present) EptPte.get(word, 'accessed');
        return present;
      },
    }));
    const forgetsExecute = counted(() => ({
      isPresent: word => EptPte.get(word, 'read') || EptPte.get(word, 'write'),
    }));
    expect(looksAtAccessed).toBeGreaterThan(countOf(setting));
    expect(forgetsExecute).toBeLessThan(countOf(setting));
  });

  test.each([
    // bit 8 beside bit 0: an entry that permits reads, or does not, now comes in two kinds, at each of four levels
    ['a bit too many', 0x101n, 3_372],
    // no bit at all: W misconfigures, and X alone is present. The PML4E ends in 3 ways (W, reserved, not present),
    // PDPTE and PDE in 7 (W twice, by bit 7; reserved twice; type; not present; a page), the PTE in 5
    ['a bit too few', 0n, 3 + 7 + 7 + 5],
  ])('changes where an accessor of the layout reads %s', (_, mask, count) => {
    const setting = settingOf({}, 'read');
    const get = EptPte.get.bind(EptPte);
    const spy = vi.spyOn(EptPte, 'get').mockImplementation((word, field) => {
      if (field === 'read' && typeof word !== 'bigint') return word.bits(mask) % 2n === 1n;
      return get(word, field);
    });
    try {
      expect(countOf(setting)).toBe(count);
    } finally {
      spy.mockRestore();
    }
    expect(countOf(setting)).toBe(274);
  });
});
