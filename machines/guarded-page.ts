import { setup } from 'xstate';
import { type Cited, facts, guardedPage, seed } from '../model/citation.ts';
import type { MachineEntry } from './entry.ts';

/**
 * A guest page in a machine that has both mechanisms: where the life of the page and the life of its vector touch.
 * An event that no arrow takes is refused, or is about another page.
 */
export type GuardedPageEvent =
  /** The host gives or lends a page of its own, with or without the right to write. */
  | { readonly type: 'map'; readonly isHosts: boolean; readonly writes: boolean }
  /** The host takes back the page that is mapped there. */
  | { readonly type: 'unmap'; readonly isThere: boolean }
  | { readonly type: 'share_host' }
  | { readonly type: 'unshare_host' }
  /** Somebody sets the page's vector. */
  | {
      readonly type: 'set';
      readonly vector: 'full' | 'denying';
      readonly byHolder: boolean;
      readonly spptIsThere: boolean;
    }
  /** A vector is set in the same 2-MByte region, whose entry in the SPPT becomes invalid. */
  | { readonly type: 'set_in_region' }
  /** The hypervisor answers an SPP miss in the region. */
  | { readonly type: 'miss' }
  /** The SPPT's page is given back. */
  | { readonly type: 'sppt_returned' };

interface Meta extends Cited {
  /** What becomes of the vector on this arrow. */
  readonly vector?: 'begins full' | 'kept' | 'set' | 'lost' | 'must be full';
}

const reading = (words: string, vector: NonNullable<Meta['vector']>): { readonly meta: Meta } => ({
  meta: { source: guardedPage('Readings', words), vector },
});

const taken = {
  target: 'unmapped',
  guard: 'isThere',
  ...reading('A vector belongs to a mapping', 'lost'),
} as const;
const guards = {
  target: 'waiting',
  guard: 'mayGuard',
  meta: {
    source: facts.eptSpp('3.2', 'clear valid of every L2E covering the range'),
    vector: 'set',
  } as Meta,
} as const;
const opens = {
  target: 'open',
  guard: 'mayOpen',
  meta: { source: facts.eptSpp('3.2', 'SET(FULL)'), vector: 'set' } as Meta,
} as const;
const returned = { target: 'open', ...reading('Without a table there is no vector', 'lost') } as const;

export const guardedPageMachine = setup({
  types: { events: {} as GuardedPageEvent, meta: {} as Meta },
  guards: {
    givesToWrite: ({ event }) => event.type === 'map' && event.isHosts && event.writes,
    givesToRead: ({ event }) => event.type === 'map' && event.isHosts && !event.writes,
    isThere: ({ event }) => event.type === 'unmap' && event.isThere,
    mayGuard: ({ event }) =>
      event.type === 'set' && event.byHolder && event.spptIsThere && event.vector === 'denying',
    mayOpen: ({ event }) =>
      event.type === 'set' && event.byHolder && event.spptIsThere && event.vector === 'full',
  },
}).createMachine({
  id: 'guarded-page',
  initial: 'unmapped',
  states: {
    unmapped: {
      meta: { source: seed('004', 'there is no page mapped in guest shadow EPT') },
      on: {
        map: [
          {
            target: 'open',
            guard: 'givesToWrite',
            ...reading('A vector belongs to a mapping', 'begins full'),
          },
          {
            target: 'read_only',
            guard: 'givesToRead',
            ...reading('A vector takes rights away and never gives one', 'must be full'),
          },
        ],
      },
    },
    open: {
      meta: { source: facts.eptSpp('3.2', 'Plain') },
      on: {
        set: [guards, opens],
        share_host: { target: 'shared', ...reading('A guarded page is not shared', 'must be full') },
        unmap: taken,
      },
    },
    read_only: {
      meta: { source: facts.pkvm('4', 'I13') },
      on: {
        share_host: {
          target: 'shared_read_only',
          ...reading('A guarded page is not shared', 'must be full'),
        },
        unmap: taken,
      },
    },
    waiting: {
      meta: { source: facts.eptSpp('3.2', 'MarkedMiss') },
      on: {
        miss: {
          target: 'enforced',
          meta: { source: facts.eptSpp('3.2', 'validate L2E, return 1 -> retry'), vector: 'kept' },
        },
        set: [guards, opens],
        sppt_returned: returned,
        unmap: taken,
      },
    },
    enforced: {
      meta: { source: facts.eptSpp('3.2', 'Armed') },
      on: {
        set_in_region: {
          target: 'waiting',
          meta: {
            source: facts.eptSpp('3.2', 'clear valid of every L2E covering the range'),
            vector: 'kept',
          },
        },
        set: [guards, opens],
        sppt_returned: returned,
        unmap: taken,
      },
    },
    shared: {
      meta: { source: seed('004', 'a page can be shared back to host VM after donated to this guest') },
      on: {
        unshare_host: {
          target: 'open',
          meta: { source: seed('004', 'guestA is allowed to unshare it'), vector: 'must be full' },
        },
        unmap: taken,
      },
    },
    shared_read_only: {
      meta: { source: seed('004', 'a page can be shared back to host VM after donated to this guest') },
      on: {
        unshare_host: {
          target: 'read_only',
          meta: { source: seed('004', 'guestA is allowed to unshare it'), vector: 'must be full' },
        },
        unmap: taken,
      },
    },
  },
});

/** Every kind of event, with what its guards ask for. */
const events: readonly GuardedPageEvent[] = [
  { type: 'map', isHosts: true, writes: true },
  { type: 'map', isHosts: true, writes: false },
  { type: 'set', vector: 'denying', byHolder: true, spptIsThere: true },
  { type: 'set', vector: 'full', byHolder: true, spptIsThere: true },
  { type: 'miss' },
  { type: 'set_in_region' },
  { type: 'share_host' },
  { type: 'unshare_host' },
  { type: 'sppt_returned' },
  { type: 'unmap', isThere: true },
];

export const guardedPageEntry: MachineEntry = {
  name: guardedPageMachine.id,
  about: 'one guest page with a page state and a sub-page vector: what each step does to the vector',
  machine: guardedPageMachine,
  events,
  tones: {
    unmapped: 'host',
    open: 'guest',
    read_only: 'guest',
    waiting: 'mixed',
    enforced: 'allowed',
    shared: 'shared',
    shared_read_only: 'shared',
  },
};
