import type { Action, Member, Shape, Slot, Sorts, Value } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import {
  callShape,
  leafWords,
  PageMembers,
  plainValues,
  present,
  type SortedSlot,
  sortsOf,
  type ValueShape,
} from '../pages/sorts.ts';
import { FREE, holderOfLock, lockedBy } from './lock.ts';
import type { StepOf } from './steps.ts';
import { tablePage, type World } from './world.ts';

/** Entries of the SPPT above its last level: the page that they name is a guest's own, the hypervisor's for that guest, or none. */
function tableEntries(members: PageMembers, { vms }: World): ValueShape {
  const reserved = new Map(vms.map(({ id }) => [tablePage(id, 7), id]));
  const shaped = (kind: string, word: bigint, names: readonly Member[]): Shape => ({
    shape: `${kind} ${SpptEntry.with(word, { table: 0n })}`,
    names,
  });
  return {
    take: value => {
      const word = BigInt(value);
      const table = SpptEntry.get(word, 'table');
      const page = members.page(table);
      if (page !== undefined) return shaped('page', word, [page]);
      const guest = members.guest(reserved.get(table) ?? 0);
      return guest === undefined ? shaped('none', word, []) : shaped('reserved', word, [guest]);
    },
    make: (shape, [named]) => {
      const [kind, word = '0'] = shape.split(' ');
      const table =
        kind === 'page'
          ? members.addressOf(named)
          : kind === 'none'
            ? 0n
            : tablePage(members.idOf(named), 7);
      return SpptEntry.with(BigInt(word), { table });
    },
  };
}

/** The lock: the call that holds it by its shape and names, then the page that it is about, where that is a member. */
function lockValues(
  members: PageMembers,
  steps: ReadonlyMap<Action, StepOf>,
  shapeOf: (action: Action) => Shape,
): ValueShape {
  const shapes = new Map<string, Shape>();
  const texts = new Map<string, string>();
  const keyOf = (shape: string, names: readonly Member[]): string =>
    `${shape}(${names.map(({ sort, at }) => `${sort} ${at}`).join()})`;
  for (const [action, { call, at }] of steps) {
    if (at > 0) continue;
    const { shape, names } = shapeOf(action);
    shapes.set(call.text, { shape, names });
    texts.set(keyOf(shape, names), call.text);
  }
  return {
    take: (value: Value) => {
      const held = holderOfLock(String(value));
      const of = held === undefined ? undefined : shapes.get(held.call);
      if (held === undefined || of === undefined) return { shape: String(value), names: [] };
      const page = members.page(held.hpa);
      const rest = page === undefined ? `of ${held.hpa}` : 'of a page';
      return { shape: `${of.shape}|${held.at}|${rest}`, names: [...of.names, ...present([page])] };
    },
    make: (shape, names) => {
      if (shape === FREE) return FREE;
      const [of = '', at = '0', rest = ''] = shape.split('|');
      const isOfPage = rest === 'of a page';
      const call = texts.get(keyOf(of, isOfPage ? names.slice(0, -1) : names)) ?? '';
      const hpa = isOfPage ? members.addressOf(names.at(-1)) : BigInt(rest.slice('of '.length));
      return lockedBy({ call, at: Number(at), hpa });
    },
  };
}

/** What everything is made of: pages, guest pages of one region, guests of both kinds, CPUs. */
export function guardedPageSorts(world: World, steps: ReadonlyMap<Action, StepOf>): Sorts {
  const members = new PageMembers(world);
  const shapeOf = (action: Action): Shape => callShape(members, action);
  const leaves = leafWords(members);
  const entries = tableEntries(members, world);
  const sorted = (
    slot: Slot<bigint> | Slot<number> | Slot<string>,
    shape: string,
    values: ValueShape,
    names: readonly (Member | undefined)[],
  ): SortedSlot => ({ slot, shape, values, names: present(names) });
  return sortsOf(
    members,
    [
      ...[...world.host].map(([page, slot]) => sorted(slot, 'host leaf', leaves, [members.page(page)])),
      ...world.guestPages.flatMap(({ vm, gpa, leaf, record, l1e, given, asked }) => {
        const names = [members.guest(vm.id), members.gpa(gpa)];
        return [
          sorted(leaf, 'guest leaf', leaves, names),
          sorted(record, 'vector', plainValues, names),
          sorted(l1e, 'l1e', plainValues, names),
          sorted(given, 'given', leaves, names),
          sorted(asked, 'asked', plainValues, names),
        ];
      }),
      ...world.sppts.map(({ vm, l2e }) => sorted(l2e, 'l2e', entries, [members.guest(vm.id)])),
      ...world.cachedPages.flatMap(({ cpu, page: { vm, gpa }, leaf, vector }) => {
        const names = [members.cpu(cpu), members.guest(vm.id), members.gpa(gpa)];
        return [
          sorted(leaf, 'cached leaf', leaves, names),
          sorted(vector, 'cached vector', plainValues, names),
        ];
      }),
      ...world.cachedTables.map(({ cpu, vm, l2e }) =>
        sorted(l2e, 'cached l2e', entries, [members.cpu(cpu), members.guest(vm)]),
      ),
      sorted(world.lock, 'lock', lockValues(members, steps, shapeOf), []),
    ],
    shapeOf,
  );
}
