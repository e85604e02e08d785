import { expect, test } from 'vitest';
import {
  faults,
  normative,
  readings,
  rulesWith,
  translate,
  type WalkFault,
} from '../../../../model/ept/index.ts';
import { facts } from '../../../../model/citation.ts';
import { compare, type Compared } from '../../../../systems/spp-walk/every-word/apart.ts';
import { settingsInTurn } from '../../../../systems/spp-walk/every-word/prove.ts';
import { type Setting, settingsOf } from '../../../../systems/spp-walk/every-word/settings.ts';

const settingsNamed = (name: string): readonly Setting[] => settingsOf({ controls: ['spp'] }, [name]);

const faultNamed = (name: string): WalkFault => {
  const fault = [...readings, ...faults].find(one => one.name === name);
  if (fault === undefined) throw new Error(`there is no fault ${name}`);
  return fault;
};

const compared = (chosen: readonly WalkFault[], settings: readonly Setting[]): readonly Compared[] =>
  [...compare(chosen, settings)].flatMap(one => one ?? []);

/** The words of the memory on which a fault shows, and how. */
function shownBy(name: string, access: string): { words: readonly string[]; why: string } {
  const [found] = compared([faultNamed(name)], settingsNamed(access));
  if (found?.difference === undefined) throw new Error(`${name} is equal to the specification`);
  const { member, why } = found.difference;
  return { words: [...member.memory.words.values()].map(word => `0x${word.toString(16)}`), why };
}

test('a fault is told apart by the smallest memory on which it shows', () => {
  // a 1-GByte page with W alone: smaller than a PML4E with W alone, whose 2 is more than the 1 of R
  expect(shownBy('write-without-read-is-no-misconfiguration', 'write')).toEqual({
    words: ['0x40000001', '0x80000082'],
    why: 'it ends in ept_violation L3, not in ept_misconfig L3',
  });
  // the leaf is writable and the PML4E is not: R in every entry, W in none above but the leaf's, and bit 61
  expect(shownBy('leaf-write-bit', 'write')).toEqual({
    words: ['0x40000001', '0x80000001', '0xc0000001', '0x2000000100000003', '0x0'],
    why: 'it ends in ept_violation L1, not in spp_miss L4',
  });
  // a vector that permits sub-page 5 and not sub-page 6
  expect(shownBy('first-sub-page-only', 'write across sub-pages 5 and 6').words.at(-1)).toBe('0x400');
});

test('what a fault does on that memory is what the walk itself does there', () => {
  const chosen = ['zero-vector-misses', 'odd-bits-unchecked', 'vector-inverted'].map(faultNamed);
  const found = compared(chosen, settingsNamed('write'));
  expect(found).toHaveLength(3);
  for (const { fault, difference } of found) {
    if (difference === undefined) throw new Error(`${fault.name} is equal to the specification`);
    const { setting, member, specified, faulty } = difference;
    expect(translate(member.memory, setting.cpu, setting.access)).toEqual(specified);
    expect(translate(member.memory, setting.cpu, setting.access, rulesWith([fault]))).toEqual(faulty);
    expect(faulty).not.toEqual(specified);
  }
});

test('another way to ask the same is equal over all words, and one bit less is not', () => {
  const asking = (name: string, change: WalkFault['change']): WalkFault => ({
    name,
    about: 'a test',
    source: facts.eptSpp('1.2', 'Not present: bits 2:0 = 000'),
    change,
  });
  const same = asking('asks from the top', () => ({
    isPresent: (word, cpu) => normative.isPresent(word, cpu) && !!normative.isPresent(word, cpu),
  }));
  const less = asking('asks two', rules => ({
    isPresent: (word, { controls, ...cpu }) =>
      rules.isPresent(word, { ...cpu, controls: { ...controls, mbe: true } }),
  }));
  const settings = settingsNamed('read');
  expect(
    compared([same, less], settings).map(({ fault, difference }) => [fault.name, difference?.why]),
  ).toEqual([
    ['asks two', 'it ends in ept_misconfig L4, not in ept_violation L4'],
    ['asks from the top', undefined],
  ]);
});

test('the settings in turn are the default ones, each once', () => {
  expect(new Set(settingsInTurn().map(({ name }) => name)).size).toBe(124);
  expect(settingsInTurn()).toHaveLength(124);
});
