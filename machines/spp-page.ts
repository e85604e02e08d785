import { setup } from 'xstate';
import type { MachineEntry } from './entry.ts';
import { facts, seed, type Cited } from '../model/citation.ts';

/**
 * The life of one guest frame under KVM's sub-page protection: facts 3.2, "Per-gfn state machine", and its sources.
 * The two bad states of that table, stale and open, are not here: nothing leads to them. An event that no arrow
 * takes leaves the frame as it is. What SET does to a mapped frame depends on the dialect; the dialects that mark
 * leaves in place lose bits when one of them is saved, and are not proven there.
 */
export type SppPageEvent =
  /** SPP is enabled for the VM and the frame's memslot gets its vectors. */
  | { readonly type: 'enable' }
  /** User space sets the frame's vector. */
  | {
      readonly type: 'set';
      readonly vector: 'full' | 'denying';
      readonly onMapped: 'zap' | 'mark' | 'eager';
      /** Whether a 4-KByte leaf maps the frame. */
      readonly mapped: boolean;
    }
  /** User space sets a vector in the same 2-MByte region, whose L2E becomes invalid. */
  | { readonly type: 'set_in_region' }
  /** KVM handles an EPT fault of the frame, or maps it unasked. */
  | ({ readonly type: 'fault' } & Mapping)
  /** KVM handles an SPP miss in the frame's region. */
  | { readonly type: 'spp_miss' }
  /** Dirty logging or access tracking wants to hear of the next access. */
  | { readonly type: 'write_protect' }
  /** The mapping is taken away: by the host, or by whoever else zaps it. */
  | { readonly type: 'unmap' }
  | { readonly type: 'roots_freed' }
  | { readonly type: 'memslot_deleted' };

interface Mapping {
  readonly cause: 'write' | 'read' | 'prefetch';
  /** Dirty logging of the frame's memslot is on. */
  readonly logging: boolean;
  /** The walk of the SPPT reaches the frame's vector. An eager dialect builds it with the mapping. */
  readonly regionIsBuilt: boolean;
  readonly eager: boolean;
}

const unprotect = {
  target: 'plain',
  guard: 'vectorIsFull',
  meta: { source: facts.eptSpp('3.2', 'leaf zapped or S cleared') },
} as const;
const leaves = {
  unmap: { target: 'lazy pending', meta: { source: facts.eptSpp('3.2', 'mappings zapped') } },
  memslot_deleted: {
    target: 'off',
    meta: { source: facts.eptSpp('3.2', 'mappings zapped; v3..v11 frees the array') },
  },
} as const;
const protectAfresh = [
  unprotect,
  { target: 'lazy pending', meta: { source: facts.eptSpp('3.2', 'zap 4K/2M mappings of the range') } },
] as const;
const protectMarked = [
  { target: 'marked-miss', guard: 'isMarked', meta: { source: facts.eptSpp('3.2', 'mark leafs W=0,S=1') } },
  ...protectAfresh,
] as const;
const protectMapped = [
  {
    target: 'armed',
    guard: 'isEager',
    meta: { source: seed('001', 'sets the bit 61 of the corresponding entries') },
  },
  ...protectMarked,
] as const;

export const sppPage = setup({
  types: { events: {} as SppPageEvent, meta: {} as Cited },
  guards: {
    vectorIsFull: ({ event }) => event.type === 'set' && event.vector === 'full',
    isEager: ({ event }) =>
      event.type === 'set' && event.vector === 'denying' && event.mapped && event.onMapped === 'eager',
    isMarked: ({ event }) =>
      event.type === 'set' && event.vector === 'denying' && event.mapped && event.onMapped === 'mark',
    mustHearOfWrite: ({ event }) => event.type === 'fault' && event.logging && event.cause !== 'write',
    sppDecides: ({ event }) => event.type === 'fault' && (event.regionIsBuilt || event.eager),
    sppDecidesWrite: ({ event }) =>
      event.type === 'fault' && event.cause === 'write' && event.regionIsBuilt,
    isWrite: ({ event }) => event.type === 'fault' && event.cause === 'write',
  },
}).createMachine({
  id: 'spp-page',
  initial: 'off',
  states: {
    off: {
      meta: { source: facts.eptSpp('3.2', 'S=0') },
      on: {
        enable: {
          target: 'plain',
          meta: { source: seed('001', 'Allocate storage for sub-page permission vectors') },
        },
      },
    },
    plain: {
      meta: { source: facts.eptSpp('3.2', 'FULL') },
      on: { set: protectMapped, memslot_deleted: leaves.memslot_deleted },
    },
    'lazy pending': {
      meta: { source: seed('001', 'this is called lazy mode setup') },
      on: {
        set: unprotect,
        fault: [
          {
            target: 'saved',
            guard: 'mustHearOfWrite',
            meta: { source: facts.eptSpp('4', 'no KVM_EXIT_SPP merely because of logging') },
          },
          {
            target: 'armed',
            guard: 'sppDecides',
            meta: { source: facts.eptSpp('3.2', 'install, then mark W=0 S=1') },
          },
          { target: 'marked-miss', meta: { source: facts.eptSpp('3.2', 'install, then mark W=0 S=1') } },
        ],
        memslot_deleted: leaves.memslot_deleted,
      },
    },
    'marked-miss': {
      meta: { source: facts.eptSpp('3.2', 'some level invalid') },
      on: {
        spp_miss: {
          target: 'armed',
          meta: { source: facts.eptSpp('3.2', 'rebuild L1E of every protected gfn of the 2M region') },
        },
        set: protectMarked,
        write_protect: { target: 'saved', meta: { source: facts.eptSpp('3.2', 'S->saved, W stays 0') } },
        ...leaves,
      },
    },
    armed: {
      meta: { source: facts.eptSpp('3.2', 'valid, l1 = spread(vec)') },
      on: {
        set: protectMapped,
        set_in_region: {
          target: 'marked-miss',
          meta: { source: facts.eptSpp('3.2', 'clear valid of every L2E covering the range') },
        },
        roots_freed: {
          target: 'marked-miss',
          meta: { source: facts.eptSpp('3.2', 'SPPT root freed with them') },
        },
        write_protect: { target: 'saved', meta: { source: facts.eptSpp('3.2', 'S->saved, W stays 0') } },
        ...leaves,
      },
    },
    saved: {
      meta: { source: facts.eptSpp('3.2', '4K W=0 S=0 saved=1') },
      on: {
        fault: [
          {
            target: 'armed',
            guard: 'sppDecidesWrite',
            meta: { source: facts.eptSpp('3.2', 'saved -> S=1 (not W=1)') },
          },
          {
            target: 'marked-miss',
            guard: 'isWrite',
            meta: { source: facts.eptSpp('3.2', 'saved -> S=1 (not W=1)') },
          },
        ],
        set: protectAfresh,
        ...leaves,
      },
    },
  },
});

/** Every kind of event of a protected frame, with what its guards ask for. */
const events: readonly SppPageEvent[] = [
  { type: 'enable' },
  { type: 'set', vector: 'full', onMapped: 'zap', mapped: true },
  ...(['zap', 'mark', 'eager'] as const).map(onMapped => {
    return { type: 'set', vector: 'denying', onMapped, mapped: true } as const;
  }),
  { type: 'set_in_region' },
  ...(['write', 'read'] as const).flatMap(cause =>
    [true, false].flatMap(logging =>
      [true, false].map(regionIsBuilt => {
        return { type: 'fault', cause, logging, regionIsBuilt, eager: false } as const;
      }),
    ),
  ),
  { type: 'spp_miss' },
  { type: 'write_protect' },
  { type: 'unmap' },
  { type: 'roots_freed' },
  { type: 'memslot_deleted' },
];

export const sppPageEntry: MachineEntry = {
  name: sppPage.id,
  about: "the life of one guest frame under KVM's sub-page protection",
  machine: sppPage,
  events,
  tones: {
    off: 'host',
    plain: 'host',
    'lazy pending': 'shared',
    'marked-miss': 'shared',
    armed: 'guest',
    saved: 'exit',
  },
};
