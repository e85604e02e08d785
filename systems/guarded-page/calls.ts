import type { Value } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { OwnerId, type Prot, PROT_RWX } from '../../model/pkvm/index.ts';
import type { CallName } from './program.ts';
import { type GuestPage, vectorName, vectors, type World } from './world.ts';

/** One call with its arguments. */
export interface GuardCall {
  /** As it is written: no two calls alike. */
  readonly text: string;
  readonly name: CallName;
  /** Who makes it, by owner id. */
  readonly by: number;
  readonly vm: number;
  /** The guest page that it is about; none for calls about a guest's whole SPPT. */
  readonly page?: GuestPage;
  /** The host-physical page that the caller names. */
  readonly hpa?: bigint;
  readonly prot?: Prot;
  readonly vector?: number;
  readonly args: Readonly<Record<string, Value>>;
}

type Draft = Omit<GuardCall, 'text' | 'args'>;

const grants: readonly (readonly [string, Prot])[] = [
  ['rwx', PROT_RWX],
  ['r-x', { read: true, write: false, execute: true }],
];
const protName = (prot: Prot): string => grants.find(([, known]) => known === prot)?.[0] ?? '';

const { PKVM_ID_HYP, PKVM_ID_HOST } = OwnerId;

function ofPage(world: World, page: GuestPage): Draft[] {
  const { pages, size } = world;
  const { vm } = page;
  const base = { vm: vm.id, page };
  const isProtected = vm.kind === 'protected';
  const give = isProtected ? 'host_donate_guest' : 'host_share_guest';
  const takeBack = isProtected ? 'host_undonate_guest' : 'host_unshare_guest';
  const prots = grants.slice(0, size.prots).map(([, prot]) => prot);
  const own: Draft[] = isProtected
    ? (['guest_share_host', 'guest_unshare_host'] as const).map(name => ({ ...base, name, by: vm.id }))
    : [];
  return [
    ...pages.flatMap(hpa =>
      prots.map(prot => ({ ...base, name: give, by: PKVM_ID_HOST, hpa, prot }) as const),
    ),
    ...pages.map(hpa => ({ ...base, name: takeBack, by: PKVM_ID_HOST, hpa }) as const),
    ...own,
    ...[PKVM_ID_HYP, PKVM_ID_HOST, vm.id].flatMap(by =>
      vectors.slice(0, size.vectors).map(vector => ({ ...base, name: 'spp_set', by, vector }) as const),
    ),
  ];
}

const ofGuest = ({ pages, size }: World, vm: number): Draft[] =>
  size.sppt === 'reserved'
    ? []
    : [
        ...pages.map(hpa => ({ name: 'spp_enable', by: PKVM_ID_HOST, vm, hpa }) as const),
        { name: 'spp_disable', by: PKVM_ID_HOST, vm },
      ];

const argsOf = ({ vm, page, hpa, prot, vector }: Draft): Record<string, Value> => ({
  vm,
  ...(page === undefined ? {} : { gpa: page.gpa }),
  ...(hpa === undefined ? {} : { hpa }),
  ...(prot === undefined ? {} : { prot: protName(prot) }),
  ...(vector === undefined ? {} : { vector: vectorName(vector) }),
});

const textOf = (draft: Draft): string => {
  const args = Object.entries(argsOf(draft)).map(
    ([name, value]) => `${name}=${typeof value === 'bigint' ? addressHex(value) : value}`,
  );
  return `${draft.name}(${args.join(', ')}) by ${draft.by}`;
};

/** Every call that anybody can make. */
export const callsOf = (world: World): readonly GuardCall[] =>
  [
    ...world.guestPages.flatMap(page => ofPage(world, page)),
    ...world.vms.flatMap(({ id }) => ofGuest(world, id)),
  ].map(draft => ({ ...draft, text: textOf(draft), args: argsOf(draft) }));
