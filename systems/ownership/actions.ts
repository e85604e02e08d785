import type { Action, Read, Slot, Value } from '../../checker/index.ts';
import {
  type CallArguments,
  type CallOutcome,
  call,
  type CallRules,
  type OperationName,
  operationNames,
  operations,
  PAGE_SIZE,
  type PkvmTables,
  type Prot,
  PROT_RWX,
  type Vm,
} from '../../model/pkvm/index.ts';
import { rangesOfPages } from '../pages/places.ts';
import type { OwnershipSize } from './size.ts';
import type { OwnershipWorld } from './slots.ts';

/** A call as the actions make it: well-formed ones first, then the malformed ones. */
export interface OwnershipCall extends CallArguments {
  readonly name: OperationName;
  readonly tablePages: 'available' | 'exhausted';
}

const grants: readonly (readonly [string, Prot])[] = [
  ['rwx', PROT_RWX],
  ['r-x', { read: true, write: false, execute: true }],
];

const takesProt = (name: OperationName): boolean =>
  name === 'host_share_guest' || name === 'host_donate_guest';
const actorOf = ({ name, vm }: OwnershipCall): string =>
  name.startsWith('guest') ? `guest${vm}` : name.startsWith('hyp') ? 'hyp' : 'host';

/** Which guests a call is tried on: with `matching`, those for which the kind is right. */
function guestsOf(name: OperationName, { vms }: OwnershipWorld, { calls }: OwnershipSize): readonly Vm[] {
  if (calls === 'all') return vms;
  const isSharing = name === 'host_share_guest' || name === 'host_unshare_guest';
  return vms.filter(({ kind }) => kind === (isSharing ? 'normal' : 'protected'));
}

/** Where a range of `length` pages can start among `places`: where they lie one after the other. */
const starts = (places: readonly bigint[], length: number): readonly bigint[] =>
  places.filter((first, at) => places[at + length - 1] === first + BigInt(length - 1) * PAGE_SIZE);

function wellFormed(name: OperationName, world: OwnershipWorld, size: OwnershipSize): OwnershipCall[] {
  const lengths = Array.from({ length: size.range }, (_, at) => at + 1);
  const guests = guestsOf(name, world, size);
  const pools =
    size.calls === 'all' && takesProt(name)
      ? (['available', 'exhausted'] as const)
      : (['available'] as const);
  const prots = takesProt(name) ? grants.slice(0, size.prots).map(([, prot]) => prot) : [undefined];
  return lengths.flatMap((length): OwnershipCall[] => {
    const bytes = BigInt(length) * PAGE_SIZE;
    const base = { name, size: bytes, tablePages: 'available' as const };
    const hpas = starts(world.pages, length);
    const gpas = starts(world.gpas, length);
    switch (operations[name].names) {
      case 'hpa':
        return hpas.map(hpa => ({ ...base, hpa }));
      case 'gpa':
        return guests.flatMap(({ id }) => gpas.map(gpa => ({ ...base, vm: id, gpa })));
      case 'hpa and gpa':
        return hpas.flatMap((hpa, at) => {
          const places = size.gpas === 'own' ? gpas.slice(at, at + 1) : gpas;
          return guests.flatMap(({ id }) =>
            places.flatMap(gpa =>
              pools.flatMap(tablePages =>
                prots.map(prot => ({ ...base, hpa, vm: id, gpa, tablePages, ...(prot && { prot }) })),
              ),
            ),
          );
        });
    }
  });
}

/** One call of each kind of malformed argument: size zero, size or address unaligned, wrapping, outside RAM, no guest. */
function malformed(name: OperationName, world: OwnershipWorld): OwnershipCall[] {
  const [hpa = 0n] = world.pages;
  const [gpa = 0n] = world.gpas;
  const [vm] = world.vms;
  const { names, ramOnly } = operations[name];
  const whole: OwnershipCall = {
    name,
    size: PAGE_SIZE,
    tablePages: 'available',
    ...(names === 'gpa' ? {} : { hpa }),
    ...(names === 'hpa' ? {} : { gpa, ...(vm && { vm: vm.id }) }),
    ...(takesProt(name) ? { prot: PROT_RWX } : {}),
  };
  const last = (1n << 64n) - PAGE_SIZE;
  const first = names === 'gpa' ? 'gpa' : 'hpa';
  return [
    { ...whole, size: 0n },
    { ...whole, size: PAGE_SIZE / 2n },
    { ...whole, [first]: (whole[first] ?? 0n) + PAGE_SIZE / 2n },
    { ...whole, [first]: last, size: 2n * PAGE_SIZE },
    ...(ramOnly ? world.mmio.map(page => ({ ...whole, hpa: page })) : []),
    ...(names === 'hpa' ? [] : [{ ...whole, vm: 1 }]),
    ...(takesProt(name) ? [{ ...whole, prot: { read: false, write: false, execute: false } }] : []),
  ];
}

const protName = ({ read, write, execute }: Prot): string =>
  `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;

function argsOf({ hpa, vm, gpa, size, prot, tablePages }: OwnershipCall): Record<string, Value> {
  return {
    ...(hpa === undefined ? {} : { hpa }),
    ...(vm === undefined ? {} : { vm }),
    ...(gpa === undefined ? {} : { gpa }),
    size,
    ...(prot === undefined ? {} : { prot: protName(prot) }),
    ...(tablePages === 'exhausted' ? { tablePages } : {}),
  };
}

/** Every call of the profile, as actions over the leaf words. */
export function ownershipActions(
  world: OwnershipWorld,
  size: OwnershipSize,
  rules: CallRules,
): readonly { readonly call: OwnershipCall; readonly action: Action }[] {
  const hostSlots = new Map(world.host.map(({ page, slot }) => [page, slot]));
  const guestSlots = new Map(world.guest.map(({ vm, gpa, slot }) => [`${vm} ${gpa}`, slot]));
  const ram = rangesOfPages(world.pages);
  const slotOf = (table: 'host' | number, address: bigint): Slot<bigint> | undefined =>
    table === 'host' ? hostSlots.get(address) : guestSlots.get(`${table} ${address}`);

  return operationNames
    .flatMap(name => [
      ...wellFormed(name, world, size),
      ...(size.calls === 'all' ? malformed(name, world) : []),
    ])
    .map(made => {
      const outcomeOf = (read: Read): CallOutcome => {
        const look = (slot: Slot<bigint> | undefined): bigint => (slot === undefined ? 0n : read(slot));
        const tables: PkvmTables = {
          host: page => look(hostSlots.get(page)),
          guest: (vm, gpa) => look(guestSlots.get(`${vm} ${gpa}`)),
          ram,
          vms: world.vms,
          tablePages: made.tablePages,
        };
        return call(tables, made.name, made, rules);
      };
      return {
        call: made,
        action: {
          name: made.name,
          actor: actorOf(made),
          args: argsOf(made),
          run: (read, write) => {
            const { result, writes } = outcomeOf(read);
            for (const { table, address, after } of writes) {
              const slot = slotOf(table, address);
              // a fault may write a leaf that the profile does not model; a correct call never does
              if (slot !== undefined) write(slot, after);
            }
            return result;
          },
          explain: read => outcomeOf(read).why,
        },
      };
    });
}
