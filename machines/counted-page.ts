import { assign, setup } from 'xstate';
import { type Cited, facts } from '../model/citation.ts';
import type { MachineEntry } from './entry.ts';

/**
 * The life of one RAM page in the code that counts. The states are the legal pairs of state and owner of its record,
 * the counts are data. Which guest has it is not recorded: whoever calls says what its own table maps.
 * facts/pkvm-2026.md 1.1 and 4.
 */
export interface CountedPageContext {
  /** With the hypervisor or with guests, never with both: how many shares. */
  readonly shares: number;
  /** DMA pins. */
  readonly pins: number;
  /** What a counter of the record can hold. */
  readonly max: number;
}

interface ToGuest {
  readonly isProtected: boolean;
  readonly isFinalized: boolean;
  /** The guest has nothing mapped there. */
  readonly gpaIsFree: boolean;
}
interface ByGuest {
  /** The leaf that the call names maps this page. */
  readonly mapsIt: boolean;
}
export type CountedPageEvent =
  | { readonly type: 'host_donate_hyp' }
  | { readonly type: 'host_donate_hyp_share_ro' }
  | { readonly type: 'hyp_donate_host' }
  | { readonly type: 'host_share_hyp' }
  | { readonly type: 'host_unshare_hyp' }
  | ({ readonly type: 'host_donate_guest' } & ToGuest)
  | ({ readonly type: 'host_share_guest' } & ToGuest)
  | ({ readonly type: 'host_unshare_guest' } & ByGuest)
  | ({ readonly type: 'guest_share_host' } & ByGuest)
  | ({ readonly type: 'guest_unshare_host' } & ByGuest)
  | { readonly type: 'host_use_dma' }
  | { readonly type: 'host_unuse_dma' }
  /** `leaves`: how many leaves of the VM that ends map this page. */
  | { readonly type: 'vm_teardown'; readonly leaves: number };

interface Meta extends Cited {
  /** What record, host leaf and guest leaves say in this state. */
  readonly words?: readonly string[];
}

const arrow = (words: string): { readonly meta: Meta } => ({
  meta: { source: facts.pkvm2026('4', words) },
});
const state = (...words: readonly string[]): { readonly meta: Meta } => ({
  meta: { source: facts.pkvm2026('1.1', 'legal pairs'), words },
});

const pinArrows = (target: 'owned' | 'shared_with_hyp' | 'shared_with_guests') =>
  ({
    host_use_dma: { target, guard: 'pinFits', actions: 'pin', ...arrow('use_dma r+1') },
    host_unuse_dma: { target, guard: 'isPinned', actions: 'unpin', ...arrow('unuse_dma r-1') },
  }) as const;

export const countedPage = setup({
  types: {
    context: {} as CountedPageContext,
    events: {} as CountedPageEvent,
    input: {} as Pick<CountedPageContext, 'max'>,
    meta: {} as Meta,
  },
  actions: {
    pin: assign(({ context: { pins } }) => ({ pins: pins + 1 })),
    unpin: assign(({ context: { pins } }) => ({ pins: pins - 1 })),
    share: assign(({ context: { shares } }) => ({ shares: shares + 1 })),
    unshare: assign(({ context: { shares } }) => ({ shares: shares - 1 })),
    unshareAllOfVm: assign(({ context: { shares }, event }) => ({
      shares: shares - (event.type === 'vm_teardown' ? event.leaves : 0),
    })),
  },
  guards: {
    unpinned: ({ context: { pins } }) => pins === 0,
    isPinned: ({ context: { pins } }) => pins > 0,
    pinFits: ({ context: { pins, max } }) => pins < max,
    shareFits: ({ context: { shares, max } }) => shares < max,
    isLast: ({ context: { shares } }) => shares === 1,
    toProtected: ({ context: { pins }, event }) =>
      event.type === 'host_donate_guest' &&
      event.isProtected &&
      event.isFinalized &&
      event.gpaIsFree &&
      pins === 0,
    toNormal: ({ context: { shares, max }, event }) =>
      event.type === 'host_share_guest' && !event.isProtected && event.gpaIsFree && shares < max,
    mapsIt: ({ event }) => 'mapsIt' in event && event.mapsIt,
    mapsItAsLast: ({ context: { shares }, event }) => 'mapsIt' in event && event.mapsIt && shares === 1,
    mapped: ({ event }) => event.type === 'vm_teardown' && event.leaves > 0,
    mappedByItAlone: ({ context: { shares }, event }) =>
      event.type === 'vm_teardown' && event.leaves > 0 && event.leaves === shares,
  },
}).createMachine({
  id: 'counted-page',
  context: ({ input: { max } }) => ({ shares: 0, pins: 0, max }),
  initial: 'owned',
  states: {
    owned: {
      ...state('OWNED, HOST', 'host: rwx'),
      on: {
        host_donate_hyp: { target: 'hyp', guard: 'unpinned', ...arrow('donate_hyp -> H') },
        host_donate_hyp_share_ro: {
          target: 'hyp_read_only',
          guard: 'unpinned',
          ...arrow('share_ro -> R'),
        },
        host_donate_guest: {
          target: 'guest',
          guard: 'toProtected',
          ...arrow('donate_guest(finalized protected, free gpa) -> P'),
        },
        host_share_hyp: { target: 'shared_with_hyp', actions: 'share', ...arrow('share_hyp -> Sh(1,r)') },
        host_share_guest: {
          target: 'shared_with_guests',
          guard: 'toNormal',
          actions: 'share',
          ...arrow('share_guest(free gpa of non-protected) -> Sg(1,r)'),
        },
        ...pinArrows('owned'),
      },
    },
    shared_with_hyp: {
      ...state('SHARED_OWNED, HOST', 'hyp count above 0', 'host: rwx'),
      on: {
        host_share_hyp: {
          target: 'shared_with_hyp',
          guard: 'shareFits',
          actions: 'share',
          ...arrow('share_hyp -> Sh(n+1,r)'),
        },
        host_unshare_hyp: [
          { target: 'owned', guard: 'isLast', actions: 'unshare', ...arrow('n=1 -> O(r)') },
          { target: 'shared_with_hyp', actions: 'unshare', ...arrow('unshare_hyp -> Sh(n-1,r)') },
        ],
        ...pinArrows('shared_with_hyp'),
      },
    },
    shared_with_guests: {
      ...state('SHARED_OWNED, HOST', 'guest count: leaves', 'host: rwx', 'guests: SHARED_BORROWED'),
      on: {
        host_share_guest: {
          target: 'shared_with_guests',
          guard: 'toNormal',
          actions: 'share',
          ...arrow('share_guest(another free gpa) -> Sg(n+1,r)'),
        },
        host_unshare_guest: [
          { target: 'owned', guard: 'mapsItAsLast', actions: 'unshare', ...arrow('n=1 -> O(r)') },
          {
            target: 'shared_with_guests',
            guard: 'mapsIt',
            actions: 'unshare',
            ...arrow('unshare_guest(gpa) -> Sg(n-1,r)'),
          },
        ],
        vm_teardown: [
          {
            target: 'owned',
            guard: 'mappedByItAlone',
            actions: 'unshareAllOfVm',
            ...arrow('teardown(VM with k leaves) -> n-k, 0 -> O(r)'),
          },
          {
            target: 'shared_with_guests',
            guard: 'mapped',
            actions: 'unshareAllOfVm',
            ...arrow('teardown(VM with k leaves) -> n-k'),
          },
        ],
        ...pinArrows('shared_with_guests'),
      },
    },
    hyp: {
      ...state('NONE, HYP', 'host: not mapped'),
      on: { hyp_donate_host: { target: 'owned', ...arrow('hyp_donate_host -> O(0)') } },
    },
    hyp_read_only: {
      ...state('SHARED_BORROWED, HYP', 'host: r-x'),
      on: { hyp_donate_host: { target: 'owned', ...arrow('hyp_donate_host -> O(0)') } },
    },
    guest: {
      ...state('NONE, GUEST', 'host: not mapped', 'guest: OWNED'),
      on: {
        guest_share_host: { target: 'guest_shared', guard: 'mapsIt', ...arrow('guest_share -> B') },
        vm_teardown: { target: 'owned', guard: 'mapped', ...arrow('teardown -> O(0), zeroed') },
      },
    },
    guest_shared: {
      ...state('SHARED_BORROWED, GUEST', 'host: rwx', 'guest: SHARED_OWNED'),
      on: {
        guest_unshare_host: { target: 'guest', guard: 'mapsIt', ...arrow('guest_unshare -> P') },
        vm_teardown: { target: 'owned', guard: 'mapped', ...arrow('teardown -> O(0), not zeroed') },
      },
    },
  },
});

const toGuest = { isFinalized: true, gpaIsFree: true };
const events: readonly CountedPageEvent[] = [
  { type: 'host_donate_hyp' },
  { type: 'host_donate_hyp_share_ro' },
  { type: 'hyp_donate_host' },
  { type: 'host_share_hyp' },
  { type: 'host_unshare_hyp' },
  { type: 'host_donate_guest', isProtected: true, ...toGuest },
  { type: 'host_share_guest', isProtected: false, ...toGuest },
  { type: 'host_unshare_guest', mapsIt: true },
  { type: 'guest_share_host', mapsIt: true },
  { type: 'guest_unshare_host', mapsIt: true },
  { type: 'host_use_dma' },
  { type: 'host_unuse_dma' },
  { type: 'vm_teardown', leaves: 1 },
];

/** A box: its name, and what record, host leaf and guest leaves say. */
function label(name: string): string {
  const { words = [] } = (countedPage.states[name]?.meta ?? {}) as Partial<Meta>;
  return [name.replaceAll('_', ' '), ...words].join('\n');
}

export const countedPageEntry: MachineEntry = {
  name: countedPage.id,
  about: 'the life of one page in the code that counts its shares and pins (2026)',
  machine: countedPage,
  events,
  // counters of 16 bits have no arrow that counters up to 2 have not
  input: { max: 2 } satisfies Pick<CountedPageContext, 'max'>,
  tones: {
    owned: 'host',
    hyp: 'hypervisor',
    hyp_read_only: 'hypervisor',
    guest: 'guest',
    guest_shared: 'shared',
    shared_with_hyp: 'shared',
    shared_with_guests: 'shared',
  },
  label,
};
