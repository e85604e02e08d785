import type { Member, Shape, Sorts, Value } from '../../checker/index.ts';
import {
  callShape,
  cpuNumbers,
  leafWords,
  pageAddresses,
  pageContents,
  PageMembers,
  present,
  type SortedSlot,
  sortedLeaves,
  sortsOf,
  type ValueShape,
} from '../pages/sorts.ts';
import { ownershipSlots } from '../pages/leaf-tables.ts';
import type { Table } from '../pages/table.ts';
import type { SmpCall } from './calls.ts';
import { decodeFlight, encodeFlight, IDLE } from './flight.ts';
import { leavesOf } from './surroundings.ts';
import { cachedKey, type SmpWorld } from './world.ts';

/** What everything is made of: pages, guest pages, guests of both kinds and CPUs. */
export function smpSorts(world: SmpWorld): Sorts {
  const members = new PageMembers(world.places);
  const { places, words, sequential, cpus, hostLock, guestLocks, contents, list, memcaches } = world;
  const flights = flightShape(world, members);
  const holders = cpuNumbers(members);
  const pages = pageAddresses(members);
  const slots: SortedSlot[] = [
    ...sortedLeaves(members, ownershipSlots(places, words)),
    ...leavesOf(world).flatMap(({ table, address }) => {
      const slot = sequential.slot(table, address);
      if (slot === undefined) return [];
      return [{ slot, ...placeShape(members, table, address, 'sequential'), values: leafWords(members) }];
    }),
    ...cpus.map((slot, cpu) => ({
      slot,
      shape: 'cpu',
      names: present([members.cpu(cpu)]),
      values: flights,
    })),
    { slot: hostLock, shape: 'host lock', names: [], values: holders },
    ...[...guestLocks].map(([vm, slot]) => ({
      slot,
      shape: 'guest lock',
      names: present([members.guest(vm)]),
      values: holders,
    })),
    ...cachedSlots(world, members),
    ...[...contents].map(([page, slot]) => ({
      slot,
      shape: 'data',
      names: present([members.page(page)]),
      values: pageContents(members),
    })),
    ...(list === undefined ? [] : [{ slot: list, shape: 'list', names: [], values: pages }]),
    ...memcaches.map((slot, cpu) => ({
      slot,
      shape: 'memcache',
      names: present([members.cpu(cpu)]),
      values: pages,
    })),
  ];
  return sortsOf(members, slots, action => callShape(members, action));
}

const placeShape = (members: PageMembers, table: Table, address: bigint, what: string): Shape =>
  typeof table === 'number'
    ? { shape: `${what} guest leaf`, names: present([members.guest(table), members.gpa(address)]) }
    : { shape: `${what} ${table} leaf`, names: present([members.page(address)]) };

function cachedSlots(world: SmpWorld, members: PageMembers): SortedSlot[] {
  const values = pageAddresses(members);
  return leavesOf(world).flatMap(({ table, address }) => {
    const slot = world.cached.get(cachedKey(table, address));
    if (slot === undefined) return [];
    return [{ slot, ...placeShape(members, table, address, 'cached'), values }];
  });
}

const argumentsOf = (members: PageMembers, { args, vm, gpa, hpa }: SmpCall): readonly Member[] =>
  present([
    'vm' in args ? members.guest(vm) : undefined,
    'gpa' in args ? members.gpa(gpa) : undefined,
    'hpa' in args ? members.page(hpa) : undefined,
  ]);

const keyOf = (name: string, names: readonly Member[]): string =>
  [name, ...names.map(member => `${member.sort} ${member.name}`)].join();

/**
 * A flight names whom its call is about, then the page that it looked up and the page of the leaf that it read; how
 * far it has come, and what it will return, is its shape.
 */
function flightShape({ calls }: SmpWorld, members: PageMembers): ValueShape {
  const leaves = leafWords(members);
  const pages = pageAddresses(members);
  const byShape = new Map(calls.map(call => [keyOf(call.name, argumentsOf(members, call)), call]));
  const take = (value: Value): Shape => {
    const flight = decodeFlight(String(value));
    const call = flight === undefined ? undefined : calls[flight.call];
    if (flight === undefined || call === undefined) return { shape: IDLE, names: [] };
    const args = argumentsOf(members, call);
    const [page, leaf] = [pages.take(flight.hpa), leaves.take(flight.leaf)];
    const { at, refusal, expects } = flight;
    const counts = [args.length, page.names.length, leaf.names.length].join(' ');
    return {
      shape: [call.name, counts, at, refusal, expects ?? '-', page.shape, leaf.shape].join(', '),
      names: [...args, ...page.names, ...leaf.names],
    };
  };
  const make = (shape: string, names: readonly Member[]): Value => {
    const [name = '', counts = '', at, refusal, expects, page = '', leaf = ''] = shape.split(', ');
    const [own = 0, looked = 0] = counts.split(' ').map(Number);
    const call = byShape.get(keyOf(name, names.slice(0, own)));
    if (call === undefined) return IDLE;
    return encodeFlight({
      call: call.index,
      at: Number(at),
      refusal: Number(refusal),
      expects: expects === '-' ? undefined : Number(expects),
      hpa: BigInt(pages.make(page, names.slice(own, own + looked))),
      leaf: BigInt(leaves.make(leaf, names.slice(own + looked))),
    });
  };
  return { take, make };
}
