import type { Action, Slot, Symmetry, Value } from '../../checker/index.ts';
import { annotation, isGuestId, viewOf, PkvmLeaf } from '../../model/pkvm/index.ts';
import type { OwnershipCall } from './actions.ts';
import type { OwnershipSize } from './size.ts';
import type { OwnershipWorld } from './slots.ts';

type Permutation = readonly number[];
interface Made {
  readonly call: OwnershipCall;
  readonly action: Action;
}
/** Where an exchange sends pages, gpas and guests. What it does not send anywhere stays. */
interface Renaming {
  readonly page: (page: bigint) => bigint;
  readonly gpa: (gpa: bigint) => bigint;
  readonly vm: (vm: number) => number;
}

const same = <T>(name: T): T => name;
const among =
  <T>(members: readonly T[], permutation: Permutation) =>
  (member: T): T =>
    members[permutation[members.indexOf(member)] ?? -1] ?? member;

/**
 * What may be exchanged: guests of a kind; pages and gpas as long as a call names one of them, for a range ties
 * neighbours together. With own gpas a page and its gpa go together. Malformed calls name a particular member, so
 * that only the profiles without them are symmetric.
 */
export function ownershipSymmetries(
  world: OwnershipWorld,
  made: readonly Made[],
  size: OwnershipSize,
): readonly Symmetry[] {
  if (size.calls !== 'matching') return [];
  const symmetry = (
    name: string,
    count: number,
    rename: (permutation: Permutation) => Renaming,
  ): Symmetry[] => (count < 2 ? [] : [symmetryOf(world, made, name, count, rename)]);
  const { pages, gpas } = world;
  const guests = (kind: string): number[] => world.vms.filter(vm => vm.kind === kind).map(({ id }) => id);
  const ofKind = (kind: string): Symmetry[] =>
    symmetry(`${kind} guests`, guests(kind).length, permutation => ({
      page: same,
      gpa: same,
      vm: among(guests(kind), permutation),
    }));
  const places =
    size.range > 1
      ? []
      : size.gpas === 'own'
        ? symmetry('pages', pages.length, permutation => ({
            page: among(pages, permutation),
            gpa: among(gpas, permutation),
            vm: same,
          }))
        : [
            ...symmetry('pages', pages.length, permutation => ({
              page: among(pages, permutation),
              gpa: same,
              vm: same,
            })),
            ...symmetry('guest pages', gpas.length, permutation => ({
              page: same,
              gpa: among(gpas, permutation),
              vm: same,
            })),
          ];
  return [...places, ...ofKind('protected'), ...ofKind('normal')];
}

function symmetryOf(
  { host, guest }: OwnershipWorld,
  made: readonly Made[],
  name: string,
  size: number,
  rename: (permutation: Permutation) => Renaming,
): Symmetry {
  const hosts = new Map(host.map(entry => [entry.page, entry.slot]));
  const guests = new Map(guest.map(entry => [`${entry.vm} ${entry.gpa}`, entry.slot]));
  const pageOf = new Map<Slot, bigint>(host.map(entry => [entry.slot, entry.page]));
  const placeOf = new Map<Slot, (typeof guest)[number]>(guest.map(entry => [entry.slot, entry]));
  const actions = new Map(made.map(({ action, call }) => [keyOf(call), action]));
  const calls = new Map(made.map(({ action, call }) => [action, call]));
  return {
    name,
    size,
    slot(slot, permutation) {
      const { page, gpa, vm } = rename(permutation);
      const hpa = pageOf.get(slot);
      const place = placeOf.get(slot);
      const moved =
        hpa !== undefined ? hosts.get(page(hpa)) : place && guests.get(`${vm(place.vm)} ${gpa(place.gpa)}`);
      return moved ?? slot;
    },
    value: (slot, value, permutation): Value =>
      typeof value === 'bigint' ? renamed(value, pageOf.has(slot), rename(permutation)) : value,
    action(action, permutation) {
      const { page, gpa, vm } = rename(permutation);
      const call = calls.get(action);
      if (call === undefined) return action;
      const moved = {
        ...call,
        ...(call.hpa === undefined ? {} : { hpa: page(call.hpa) }),
        ...(call.gpa === undefined ? {} : { gpa: gpa(call.gpa) }),
        ...(call.vm === undefined ? {} : { vm: vm(call.vm) }),
      };
      return actions.get(keyOf(moved)) ?? action;
    },
  };
}

/** A leaf names a page where it maps one, and a host leaf that maps none names the guest that owns it. */
function renamed(leaf: bigint, isHost: boolean, { page, vm }: Renaming): bigint {
  const { isPresent, ownerId, page: mapped } = viewOf(leaf);
  if (isPresent) return PkvmLeaf.with(leaf, { page: page(mapped) });
  return isHost && isGuestId(ownerId) && leaf === annotation(ownerId) ? annotation(vm(ownerId)) : leaf;
}

const keyOf = ({ name, hpa, vm, gpa, size, prot, tablePages }: OwnershipCall): string =>
  [name, hpa, vm, gpa, size, prot?.read, prot?.write, prot?.execute, tablePages].join(' ');
