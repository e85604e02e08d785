import { not, setup } from 'xstate';
import { type Cited, seed } from '../model/citation.ts';
import type { MachineEntry } from './entry.ts';

/**
 * The SPP walk: seed 001, "How SPP hardware works", from "EPT leaf entry" on. States are what the drawing walks,
 * guards its diamonds, in its order.
 *
 * The drawing has slips, which are not copied: it tests `ept_leaf_entry.writable`, where the text of seed 003 says
 * that the accumulated write bit counts; it asks neither for a write, nor for a readable page, nor for a 4-KByte
 * one; it has no arrow for a sub-page table entry that is not valid; and it draws an exit from the L1E to the box
 * with "sppt miss", though an L1E has no valid bit. Each slip is a fault or a reading that the walk must not have.
 */

/** The EPT leaf and the access, where the EPT walk found one. `writable` is the accumulated write bit. */
export interface EptLeafEvent {
  readonly type: 'ept_leaf';
  readonly sppControl: boolean;
  readonly bit61: boolean;
  readonly writable: boolean;
  readonly isWrite: boolean;
  readonly readable: boolean;
  readonly maps4K: boolean;
  /** Through a linear address, and not for a guest paging structure or a supervisor shadow stack. */
  readonly isOrdinary: boolean;
}
export interface SpptEntryEvent {
  readonly type: 'sppt_entry';
  readonly is: 'valid' | 'not_valid' | 'misconfigured';
}
export interface SpptVectorEvent {
  readonly type: 'sppt_vector';
  readonly hasOddBits: boolean;
  /** Every sub-page that the write touches. */
  readonly isWritable: boolean;
}
export type SppWalkEvent = EptLeafEvent | SpptEntryEvent | SpptVectorEvent;

const isEntry = (event: SppWalkEvent, is: SpptEntryEvent['is']): boolean =>
  event.type === 'sppt_entry' && event.is === is;

/** The arrows out of an L4E, L3E or L2E. Not valid is decided before reserved bits, as in the EPT. */
const entryArrows = <Next extends string>(next: Next, words: string) =>
  [
    {
      guard: 'notValid',
      target: 'sppt_miss',
      meta: { source: seed('001', 'exit_qualification & sppt_miss --> sppt miss') },
    },
    {
      guard: 'misconfigured',
      target: 'sppt_misconfig',
      meta: { source: seed('001', 'if-entry-misconfiguration') },
    },
    { target: next, meta: { source: seed('001', words) } },
  ] as const;

export const sppWalk = setup({
  types: { events: {} as SppWalkEvent, meta: {} as Cited },
  guards: {
    controlAndBit61: ({ event: e }) => e.type === 'ept_leaf' && e.sppControl && e.bit61,
    accumulatedWritable: ({ event: e }) => e.type === 'ept_leaf' && e.writable,
    ordinaryWriteToReadable4K: ({ event: e }) =>
      e.type === 'ept_leaf' && e.isWrite && e.readable && e.maps4K && e.isOrdinary,
    notValid: ({ event }) => isEntry(event, 'not_valid'),
    misconfigured: ({ event }) => isEntry(event, 'misconfigured'),
    oddBits: ({ event: e }) => e.type === 'sppt_vector' && e.hasOddBits,
    subPageWritable: ({ event: e }) => e.type === 'sppt_vector' && e.isWritable,
  },
}).createMachine({
  id: 'spp-walk',
  initial: 'EPT_leaf_entry',
  states: {
    EPT_leaf_entry: {
      on: {
        ept_leaf: [
          {
            guard: not('controlAndBit61'),
            target: 'EPT_legacy_behavior',
            meta: { source: seed('001', '<false> --> EPT legacy behavior') },
          },
          {
            guard: 'accumulatedWritable',
            target: 'ignore_SPP',
            meta: { source: seed('001', '<true> --> Ignore SPP') },
          },
          {
            guard: 'ordinaryWriteToReadable4K',
            target: 'walk_SPP_L4E',
            meta: { source: seed('001', 'Walk SPP 4-level table') },
          },
          {
            target: 'EPT_legacy_behavior',
            meta: { source: seed('001', 'can occur only due to an attempt to write memory') },
          },
        ],
      },
    },
    walk_SPP_L4E: { on: { sppt_entry: entryArrows('walk_SPPT_L3E', 'walk SPPT L3E') } },
    walk_SPPT_L3E: { on: { sppt_entry: entryArrows('walk_SPPT_L2E', 'walk SPPT L2E') } },
    walk_SPPT_L2E: { on: { sppt_entry: entryArrows('walk_SPPT_L1E', 'walk SPPT L1E') } },
    walk_SPPT_L1E: {
      on: {
        sppt_vector: [
          {
            guard: 'oddBits',
            target: 'sppt_misconfig',
            meta: { source: seed('001', '1+2i | Reserved (0).') },
          },
          {
            guard: 'subPageWritable',
            target: 'allow',
            meta: { source: seed('001', '<true> allow, write access') },
          },
          { target: 'disallow', meta: { source: seed('001', '<false> disallow, EPT violation') } },
        ],
      },
    },
    EPT_legacy_behavior: { type: 'final' },
    ignore_SPP: { type: 'final' },
    sppt_miss: { type: 'final' },
    sppt_misconfig: { type: 'final' },
    allow: { type: 'final' },
    disallow: { type: 'final' },
  },
});

const bits = [false, true] as const;

/** Every event, each once: what the machine is explored with. */
export const sppWalkEvents: readonly SppWalkEvent[] = [
  ...bits.flatMap(sppControl =>
    bits.flatMap(bit61 =>
      bits.flatMap(writable =>
        bits.flatMap(isWrite =>
          bits.flatMap(readable =>
            bits.flatMap(maps4K =>
              bits.map(isOrdinary => ({
                type: 'ept_leaf' as const,
                ...{ sppControl, bit61, writable, isWrite, readable, maps4K, isOrdinary },
              })),
            ),
          ),
        ),
      ),
    ),
  ),
  ...(['valid', 'not_valid', 'misconfigured'] as const).map(is => ({ type: 'sppt_entry' as const, is })),
  ...bits.flatMap(hasOddBits =>
    bits.map(isWritable => ({ type: 'sppt_vector' as const, hasOddBits, isWritable })),
  ),
];

export const sppWalkEntry: MachineEntry = {
  name: sppWalk.id,
  about: 'the SPP walk: the drawing of seed 001, "How SPP hardware works"',
  machine: sppWalk,
  events: sppWalkEvents,
  tones: {
    allow: 'guest',
    ignore_SPP: 'guest',
    EPT_legacy_behavior: 'exit',
    sppt_miss: 'exit',
    sppt_misconfig: 'exit',
    disallow: 'exit',
  },
};
