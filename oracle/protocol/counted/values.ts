import { z } from 'zod';
import { Arm64PageState } from '../../../model/arm64/index.ts';
import { BUG, CountedErrno, CountedOwner, CountedState } from '../../../model/pkvm/counted/index.ts';
import type { PlaceSeen } from '../../counted/index.ts';
import { ownerId, returnValue, u64 } from '../values.ts';

/** Values of calls that count, as lines of the protocol hold them. */

const errnos = Object.fromEntries(Object.entries(CountedErrno).map(([name, value]) => [`-${name}`, value]));

/** What a call returned: a number or the name of an errno, nothing (null), or that the hypervisor panicked. */
export const countedResult = z
  .union([
    z.literal(BUG),
    z.null(),
    z.enum(Object.keys(errnos)).transform(name => errnos[name] ?? 0),
    returnValue,
  ])
  .meta({
    description:
      'result of a call: 0, 1, a negative errno or its name; null where it returns nothing; "BUG" where the hypervisor panicked',
  });

const count = z.number().int().min(0).max(0xffff_ffff);
export const pageAddress = u64.refine(value => value % 4096n === 0n, 'the address of a page');

const x86States = {
  NONE: CountedState.PKVM_PAGE_NONE,
  OWNED: CountedState.PKVM_PAGE_OWNED,
  SHARED_OWNED: CountedState.PKVM_PAGE_SHARED_OWNED,
  SHARED_BORROWED: CountedState.PKVM_PAGE_SHARED_BORROWED,
} as const;
const owners = {
  HOST: CountedOwner.PKVM_ID_HOST,
  HYP: CountedOwner.PKVM_ID_HYP,
  GUEST: CountedOwner.PKVM_ID_GUEST,
} as const;
const named = <T extends Readonly<Record<string, number>>>(names: T) =>
  z.enum(Object.keys(names)).transform(name => names[name] ?? 0);

/** A record of a page, as a word or by its fields; what is left out was not observed. */
const recordSeen = z
  .strictObject({
    page: pageAddress,
    word: u64.optional(),
    state: named(x86States).optional().describe('x86: host_state'),
    owner: named(owners).optional().describe('x86: owner'),
    hypShares: count.optional().describe('x86: host_share_hyp_count'),
    guestShares: count.optional().describe('x86: host_share_guest_count'),
    pins: count.optional().describe('x86: refcount'),
    host: named(Arm64PageState).optional().describe('arm64: state of the host'),
    hyp: named(Arm64PageState).optional().describe('arm64: state of the hypervisor'),
    shares: count.optional().describe('arm64: host_share_guest_count'),
    refcount: count.optional().describe('arm64: refcount'),
    mapped: z.boolean().optional().describe('arm64: whether the hypervisor maps the page in its own table'),
  })
  .transform(({ page: address, word, mapped, ...given }): PlaceSeen[] => {
    const fields = fieldsOf(given);
    const record: PlaceSeen = {
      place: { kind: 'record', address },
      ...(word === undefined ? {} : { word }),
      ...(Object.keys(fields).length === 0 ? {} : { fields }),
    };
    return [
      record,
      ...(mapped === undefined ? [] : [{ place: { kind: 'el2' as const, address }, word: BigInt(mapped) }]),
    ];
  });

/** Names of the protocol, and of the layouts. */
const fieldNames = {
  state: 'hostState',
  owner: 'owner',
  hypShares: 'hypShares',
  guestShares: 'guestShares',
  pins: 'refcount',
  host: 'host',
  hyp: 'hyp',
  shares: 'shareCount',
  refcount: 'refcount',
} as const;

const fieldsOf = (given: Readonly<Partial<Record<keyof typeof fieldNames, number | undefined>>>) =>
  Object.fromEntries(
    Object.entries(fieldNames).flatMap(([key, name]) => {
      const value = given[key as keyof typeof fieldNames];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** A leaf as it was seen; `level` says how large it is: 1 is 4 KByte on x86, 3 on arm64. */
const leafSeen = z
  .strictObject({
    table: z.union([z.literal('host'), ownerId]),
    address: pageAddress,
    word: u64,
    level: z.number().int().min(0).max(5).optional(),
  })
  .transform(({ table, address, word, level }): PlaceSeen => ({
    place: { kind: 'leaf', table, address },
    word,
    ...(level === undefined ? {} : { level }),
  }));

export const placesSeen = {
  records: z.array(recordSeen).max(65_536).optional(),
  leaves: z.array(leafSeen).max(65_536).optional(),
};

export const placesIn = ({
  records = [],
  leaves = [],
}: {
  readonly records?: readonly (readonly PlaceSeen[])[] | undefined;
  readonly leaves?: readonly PlaceSeen[] | undefined;
}): readonly PlaceSeen[] => [...records.flat(), ...leaves];

const range = { address: u64, size: u64 };
export const flushSeen = z
  .strictObject({ who: z.union([z.literal('host'), ownerId]), ...range })
  .transform(({ who, address: start, size }) => ({ who, start, size }));
export const wipeSeen = z.strictObject(range).transform(({ address: start, size }) => ({ start, size }));
