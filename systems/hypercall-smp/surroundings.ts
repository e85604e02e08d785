import { type Action, disabled, some } from '../../checker/index.ts';
import { annotation, secretOf } from '../../model/pkvm/index.ts';
import { nameOfTable, type Table } from '../pages/table.ts';
import { walk } from '../pages/walk.ts';
import { decodeFlight } from './flight.ts';
import { cachedKey, type SmpWorld } from './world.ts';

/** Every table and address that an access can name. */
export const leavesOf = ({ places }: SmpWorld): { readonly table: Table; readonly address: bigint }[] => [
  ...places.pages.map(address => ({ table: 'host' as const, address })),
  ...places.vms.flatMap(({ id }) => places.gpas.map(address => ({ table: id, address }))),
];

const argsOf = (table: Table, address: bigint): Record<string, bigint> =>
  typeof table === 'number' ? { gpa: address } : { hpa: address };

/** Some CPU caches what the words translate an address to: at any time, also in the middle of a call. */
function caching(world: SmpWorld): Action[] {
  return leavesOf(world).flatMap(({ table, address }) => {
    const slot = world.cached.get(cachedKey(table, address));
    if (slot === undefined) return [];
    return [
      {
        name: 'caches_translation',
        actor: nameOfTable(table),
        args: argsOf(table, address),
        run: (read, write) => {
          if (read(slot) !== 0n) return disabled;
          const found = walk(world.words, read, table, address);
          if (found === undefined) return disabled;
          write(slot, found.page);
          return 'ok';
        },
      },
    ];
  });
}

/** Of a CPU's flight: the guest is in the middle of sharing or unsharing the page there. */
const isOwnCall =
  ({ calls }: SmpWorld, vm: number, gpa: bigint) =>
  (value: string): boolean => {
    const flight = decodeFlight(value);
    const call = flight === undefined ? undefined : calls[flight.call];
    const isOwn = call?.name === 'guest_share_host' || call?.name === 'guest_unshare_host';
    return isOwn && call.vm === vm && call.gpa === gpa;
  };

/** A protected guest writes to a page of its own, by a cached translation or by the words. */
function guestWrites(world: SmpWorld): Action[] {
  if (!world.size.contents) return [];
  return world.places.vms
    .filter(({ kind }) => kind === 'protected')
    .flatMap(({ id }) =>
      world.places.gpas
        .map(gpa => ({ gpa, isOwn: isOwnCall(world, id, gpa) }))
        .map(({ gpa, isOwn }) => ({
          name: 'guest_write',
          actor: nameOfTable(id),
          args: argsOf(id, gpa),
          run: (read, write) => {
            const slot = world.cached.get(cachedKey(id, gpa));
            const cached = slot === undefined ? 0n : read(slot);
            const page = cached === 0n ? walk(world.words, read, id, gpa)?.page : cached;
            const contents = page === undefined ? undefined : world.contents.get(page);
            if (contents === undefined) return disabled;
            // a guest trusts nothing to a page that it shares, or asked to share, nor until its unshare has returned
            const isPrivate =
              world.words.leaf(read, 'host', page ?? 0n) === annotation(id) &&
              !some(read, world.cpus, isOwn);
            write(contents, isPrivate ? secretOf(id) : 'public');
            return 'ok';
          },
        })),
    );
}

/** The host, on yet another CPU, writes another page into the list that the hypervisor reads. */
function listWrites({ list, places }: SmpWorld): Action[] {
  if (list === undefined) return [];
  return places.pages.map(page => ({
    name: 'host_writes_list',
    actor: 'host',
    args: { page },
    run: (read, write) => {
      if (read(list) === page) return disabled;
      write(list, page);
      return 'ok';
    },
  }));
}

/** What goes on beside the calls, whoever holds which lock. */
export const surroundings = (world: SmpWorld): Action[] => [
  ...caching(world),
  ...guestWrites(world),
  ...listWrites(world),
];
