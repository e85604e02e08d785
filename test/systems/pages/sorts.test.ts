import { describe, expect, test } from 'vitest';
import { enumerate, type System } from '../../../checker/index.ts';
import { annotation, hostLeaf, PageState, secretOf } from '../../../model/pkvm/index.ts';
import { systems } from '../../../systems/all.ts';
import { adversarial, placesOf } from '../../../systems/pages/places.ts';
import {
  callShape,
  leafWords,
  ownerIds,
  pageAddresses,
  pageContents,
  PageMembers,
  plainValues,
} from '../../../systems/pages/sorts.ts';

const members = new PageMembers(
  placesOf({ pages: 2, gpas: 2, protected: 1, normal: 1, cpus: 2 }, adversarial),
);
const [page = 0n] = placesOf({ pages: 1, gpas: 1, protected: 1, normal: 0 }, adversarial).pages;

describe('a value is a shape and the members that it names', () => {
  test.each([
    [
      'a leaf names the page that it maps',
      leafWords(members),
      hostLeaf(page, PageState.PKVM_PAGE_OWNED),
      [page],
    ],
    ['an annotation names the guest that owns the page', leafWords(members), annotation(16), [16]],
    ['a leaf that maps no member names nobody', leafWords(members), hostLeaf(0x9000n, 1), []],
    ['an annotation of the hypervisor names nobody', leafWords(members), 0n, []],
    ['an address names its page', pageAddresses(members), page, [page]],
    ['no address names nobody', pageAddresses(members), 0n, []],
    ['an owner id names its guest', ownerIds(members), 16, [16]],
    ['the host is nobody', ownerIds(members), 1, []],
    ['a secret names whose it is', pageContents(members), secretOf(16), [16]],
    ['zeros name nobody', pageContents(members), 'zero', []],
    ['a flag names nobody', plainValues, true, []],
  ])('%s', (_, { take, make }, value, named) => {
    const { shape, names } = take(value);
    expect(names.map(member => members.numberOf(member))).toEqual(named);
    expect(make(shape, names)).toBe(value);
  });

  test('a call names its page, guest page and guest, and a misaligned one the page that it lies in', () => {
    const call = { actor: 'host', name: 'host_donate_guest', run: () => 0 };
    const whole = callShape(members, { ...call, args: { hpa: page, vm: 16, size: 4096n } });
    expect(whole).toMatchObject({
      shape: 'host host_donate_guest hpa=pages vm=protected size=bigint 4096',
    });
    expect(whole.names.map(member => members.numberOf(member))).toEqual([page, 16]);
    const odd = callShape(members, { ...call, args: { hpa: page + 2048n } });
    expect(odd.shape).toBe('host host_donate_guest hpa=pages+2048');
  });
});

const sized = systems.flatMap(family => {
  const instance = family.sized?.(
    family.profiles.find(({ name }) => name === family.proofProfile)?.parameters ?? {},
  );
  return instance === undefined ? [] : [instance];
});

describe.each(sized)('$name says what it is made of', ({ sorts, build }) => {
  const system: System = build(Object.fromEntries(sorts.map(({ name }) => [name, 1])));

  test('with as many members of each sort as asked for', () => {
    const counts = Object.fromEntries(sorts.map(({ name, least = 1 }, at) => [name, least + at]));
    const made = build(counts).sorts?.members;
    expect(Object.fromEntries([...(made ?? [])].map(([sort, all]) => [sort, all.length]))).toEqual(counts);
  });

  test('no two slots are the same thing of the same members, and every reachable value reads back', () => {
    const { sorts: made, slots } = system;
    if (made === undefined) throw new Error(`${system.name} has no sorts`);
    const named = slots.map(slot => {
      const { shape, names } = made.slot(slot);
      return JSON.stringify([shape, names.map(member => member.name)]);
    });
    expect(new Set(named).size).toBe(slots.length);
    for (const state of enumerate(system, 400).states) {
      state.forEach((value, at) => {
        const slot = slots[at];
        if (slot === undefined) throw new Error('no such slot');
        const { shape, names } = made.value(slot, value);
        expect(made.make(slot, shape, names), slot.name).toBe(value);
      });
    }
  });
});
