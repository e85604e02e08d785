import type { Sorts } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import {
  callShape,
  leafWords,
  ownerIds,
  pageAddresses,
  pageContents,
  PageMembers,
  plainValues,
  present,
  type SortedSlot,
  sortsOf,
} from '../pages/sorts.ts';
import type { LeafPlace } from '../pages/table.ts';
import { type Cache, deviceTable } from './cached.ts';
import type { World } from './world.ts';

/** What everything is made of: pages, guest pages, guests of both kinds and CPUs. Not for a region: its pages are one. */
export function isolationSorts(world: World): Sorts {
  const members = new PageMembers(world);
  const slots = [
    ...tableWords(world, members),
    ...cachedWords(world, members),
    ...restOfPages(world, members),
    ...restOfVms(world, members),
    ...world.running.map((slot, cpu) => ({
      slot,
      shape: 'runs',
      names: present([members.cpu(cpu)]),
      values: ownerIds(members),
    })),
  ];
  return {
    ...sortsOf(members, slots, action => callShape(members, action)),
    // what an access reads is what the page holds
    result: pageContents(members).take,
  };
}

/** A place in a table, with the members that it names. MMIO pages are a sort of their own, of one page each. */
function placeShape(
  members: PageMembers,
  { table, address }: LeafPlace,
): Omit<SortedSlot, 'slot' | 'values'> {
  if (typeof table === 'number')
    return { shape: 'guest', names: present([members.guest(table), members.gpa(address)]) };
  const page = members.page(address);
  return page === undefined
    ? { shape: `${table} ${addressHex(address)}`, names: [] }
    : { shape: table, names: [page] };
}

function tableWords(
  { hostLeaves, guestLeaves, mmio, pins, words }: World,
  members: PageMembers,
): SortedSlot[] {
  const values = leafWords(members);
  const places: LeafPlace[] = [
    ...hostLeaves,
    ...mmio.map((address): LeafPlace => ({ table: 'host', address })),
    ...guestLeaves,
    ...[...pins.keys()].map((address): LeafPlace => ({ table: 'iommu', address })),
  ];
  return places.flatMap(place => {
    const slot = words.slot?.(place.table, place.address);
    if (slot === undefined) return [];
    const { shape, names } = placeShape(members, place);
    return [{ slot, shape: `leaf of ${shape}`, names, values }];
  });
}

function cachedWords(
  { caches, cpus, hostLeaves, guestLeaves, mmio, pages, size }: World,
  members: PageMembers,
): SortedSlot[] {
  const values = leafWords(members);
  const cached = (cache: Cache, place: LeafPlace): SortedSlot[] => {
    const slot = caches.slot(cache, place.table, place.address);
    if (slot === undefined) return [];
    const { shape, names } = placeShape(members, place);
    return cache === 'iommu'
      ? [{ slot, shape: `IOTLB of ${shape}`, names, values }]
      : [{ slot, shape: `TLB of ${shape}`, names: [...present([members.cpu(cache)]), ...names], values }];
  };
  const { dma } = size;
  const ofHost = [...hostLeaves, ...mmio.map((address): LeafPlace => ({ table: 'host', address }))];
  return [
    ...cpus.flatMap(cpu => [...ofHost, ...guestLeaves].flatMap(place => cached(cpu, place))),
    ...(dma === 'none'
      ? []
      : pages.flatMap(address => cached('iommu', { table: deviceTable(dma), address }))),
  ];
}

function restOfPages({ contents, pins }: World, members: PageMembers): SortedSlot[] {
  return [
    ...[...contents].map(([page, slot]) => ({
      slot,
      shape: 'data',
      names: present([members.page(page)]),
      values: pageContents(members),
    })),
    ...[...pins].map(([page, slot]) => ({
      slot,
      shape: 'pinned',
      names: present([members.page(page)]),
      values: plainValues,
    })),
  ];
}

function restOfVms({ vmSlots, size }: World, members: PageMembers): SortedSlot[] {
  if (!size.hasLifecycle) return [];
  return vmSlots.flatMap(({ id, state, structures }) => {
    const names = present([members.guest(id)]);
    return [
      { slot: state, shape: 'life', names, values: plainValues },
      { slot: structures, shape: 'structures', names, values: pageAddresses(members) },
    ];
  });
}
