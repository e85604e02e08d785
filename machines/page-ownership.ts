import { assign, setup } from 'xstate';
import type { MachineEntry } from './entry.ts';
import { seed, type Cited } from '../model/citation.ts';

/**
 * The life of one page: seed 004's picture and the text below it. States are the picture's boxes, arrows its arrows.
 * Which guest, and at which gpa, is data. Whoever is refused stays where they are: an event that no arrow takes.
 */

/** The guest that holds or borrows the page, and where. `null` while none does. */
export interface PageContext {
  readonly guest: { readonly vm: number; readonly gpa: number } | null;
}

/** A call as it concerns one page. `gpa` is a page number in the guest's table. */
interface GuestCall {
  readonly vm: number;
  readonly gpa: number;
}
interface GuestMapping extends GuestCall {
  readonly vmKind: 'protected' | 'normal';
  /** Whether the guest has nothing mapped at that gpa. */
  readonly gpaIsFree: boolean;
}
export type PageEvent =
  | { readonly type: 'host_donate_hyp' }
  | { readonly type: 'hyp_donate_host' }
  | ({ readonly type: 'host_donate_guest' } & GuestMapping)
  | ({ readonly type: 'host_undonate_guest' } & GuestCall)
  | ({ readonly type: 'guest_share_host' } & GuestCall)
  | ({ readonly type: 'guest_unshare_host' } & GuestCall)
  | ({ readonly type: 'host_share_guest' } & GuestMapping)
  | ({ readonly type: 'host_unshare_guest' } & GuestCall);

export const pageOwnership = setup({
  types: {
    context: {} as PageContext,
    events: {} as PageEvent,
    meta: {} as Cited & { readonly host?: string; readonly guest?: string },
  },
  actions: {
    thisGuest: assign(({ event }) => ('vm' in event ? { guest: { vm: event.vm, gpa: event.gpa } } : {})),
    noGuest: assign({ guest: null }),
  },
  guards: {
    toProtectedGuest: ({ event }) =>
      event.type === 'host_donate_guest' && event.vmKind === 'protected' && event.gpaIsFree,
    toNormalGuest: ({ event }) =>
      event.type === 'host_share_guest' && event.vmKind === 'normal' && event.gpaIsFree,
    byThisGuest: ({ context: { guest }, event }) =>
      'vm' in event && guest !== null && guest.vm === event.vm && guest.gpa === event.gpa,
  },
}).createMachine({
  id: 'page-ownership',
  context: { guest: null },
  initial: 'init',
  states: {
    init: {
      meta: {
        source: seed('004', 'all pages except pKVM owned ones are owned by host VM'),
        host: 'OWNED',
        guest: 'NOPAGE',
      },
      entry: 'noGuest',
      on: {
        host_donate_guest: {
          target: 'donated_to_guest',
          guard: 'toProtectedGuest',
          meta: { source: seed('004', 'the page assigned to guestA shall be donated from host VM') },
        },
        host_share_guest: {
          target: 'shared_with_guest',
          guard: 'toNormalGuest',
          meta: { source: seed('004', 'the page assigned to guestB shall be shared from host VM') },
        },
        host_donate_hyp: {
          target: 'donated_to_hyp',
          meta: { source: seed('004', 'host also need donate pages to the pKVM hypervisor') },
        },
      },
    },
    donated_to_hyp: {
      meta: { source: seed('004', '0: PKVM_ID_HYP'), host: 'NOPAGE', guest: 'NOPAGE' },
      on: {
        hyp_donate_host: {
          target: 'init',
          meta: {
            source: seed('004', 'help to donate/undonate shadow VM/VCPU structure from host to pKVM'),
          },
        },
      },
    },
    donated_to_guest: {
      meta: {
        source: seed('004', 'its page state is marked as PKVM_PAGE_OWNED'),
        host: 'NOPAGE',
        guest: 'OWNED',
      },
      entry: 'thisGuest',
      on: {
        host_undonate_guest: {
          target: 'init',
          guard: 'byThisGuest',
          meta: { source: seed('004', 'before undonate back to host') },
        },
        guest_share_host: {
          target: 'shared_back_to_host',
          guard: 'byThisGuest',
          meta: { source: seed('004', 'a page can be shared back to host VM after donated to this guest') },
        },
      },
    },
    shared_back_to_host: {
      meta: {
        source: seed('004', 'its page state is changed to PKVM_PAGE_SHARED_OWNED'),
        host: 'SHARED_BORROWED',
        guest: 'SHARED_OWNED',
      },
      on: {
        guest_unshare_host: {
          target: 'donated_to_guest',
          guard: 'byThisGuest',
          meta: { source: seed('004', 'guestA is allowed to unshare it') },
        },
        host_undonate_guest: {
          target: 'init',
          guard: 'byThisGuest',
          meta: { source: seed('004', 'this page can also be returned back to host directly') },
        },
      },
    },
    shared_with_guest: {
      meta: {
        source: seed('004', 'its page state is marked as PKVM_PAGE_SHARED_OWNED'),
        host: 'SHARED_OWNED',
        guest: 'SHARED_BORROWED',
      },
      entry: 'thisGuest',
      on: {
        host_unshare_guest: {
          target: 'init',
          guard: 'byThisGuest',
          meta: { source: seed('004', 'before unshare back to host') },
        },
      },
    },
  },
});

/** Guest A is protected, guest B normal, as in the seed's picture; each has one free gpa. */
const guestA = { vm: 2, gpa: 0 };
const guestB = { vm: 3, gpa: 0 };
const events: readonly PageEvent[] = [
  { type: 'host_donate_hyp' },
  { type: 'hyp_donate_host' },
  { type: 'host_donate_guest', ...guestA, vmKind: 'protected', gpaIsFree: true },
  { type: 'host_undonate_guest', ...guestA },
  { type: 'guest_share_host', ...guestA },
  { type: 'guest_unshare_host', ...guestA },
  { type: 'host_share_guest', ...guestB, vmKind: 'normal', gpaIsFree: true },
  { type: 'host_unshare_guest', ...guestB },
];

/** A box of the picture: its name, and what host EPT and guest table say of the page. */
function label(state: string): string {
  const { meta } = pageOwnership.states[state] ?? {};
  const { host, guest } = (meta ?? {}) as { readonly host?: string; readonly guest?: string };
  return [
    state.replaceAll('_', ' '),
    ...(host === undefined ? [] : [`host: ${host}`]),
    ...(guest === undefined ? [] : [`guest: ${guest}`]),
  ].join('\n');
}

export const pageOwnershipEntry: MachineEntry = {
  name: pageOwnership.id,
  about: "the life of one page: seed 004's picture",
  machine: pageOwnership,
  events,
  tones: {
    init: 'host',
    donated_to_hyp: 'hypervisor',
    donated_to_guest: 'guest',
    shared_back_to_host: 'shared',
    shared_with_guest: 'shared',
  },
  label,
};
