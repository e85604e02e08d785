import { setup } from 'xstate';
import type { MachineEntry } from './entry.ts';
import { facts, type Cited } from '../model/citation.ts';

/**
 * One page-state call as the steps that another CPU can come between. pKVM's four words (request, acknowledge,
 * initiate, complete) stand between the locks; what was unmapped is flushed before anyone relies on it. facts/pkvm.md
 * 0.2 C5 and C8; 1.1, "Lock"; 5, B13 for the order of the locks: the guest's table, then the host EPT.
 */
export interface CallContext {
  /** Whether the call touches a guest's table, and so takes its lock. */
  readonly hasGuest: boolean;
  /** Whether the page is named by a gpa, which must be looked up first. */
  readonly looksUp: boolean;
  /** After which step a mapping has gone that may be cached. */
  readonly flushesAfter: 'initiate' | 'complete' | 'nothing';
  /** Whether the page may have to be wiped before the completer maps it. */
  readonly wipes: boolean;
}

export type CallEvent =
  | { readonly type: 'lock_guest' | 'lock_host' | 'initiate' | 'complete' | 'flush' | 'wipe' }
  | { readonly type: 'unlock_host' | 'unlock_guest' }
  | { readonly type: 'lookup' | 'request' | 'acknowledge'; readonly holds: boolean };

const holds = ({ event }: { event: CallEvent }): boolean => 'holds' in event && event.holds;

export const hypercall = setup({
  types: {
    context: {} as CallContext,
    input: {} as CallContext,
    events: {} as CallEvent,
    meta: {} as Cited,
  },
  guards: {
    hasGuest: ({ context }) => context.hasGuest,
    hasNoGuest: ({ context }) => !context.hasGuest,
    looksUp: ({ context }) => context.looksUp,
    looksUpNothing: ({ context }) => !context.looksUp,
    holds,
    isMapped: ({ context, event }) => context.looksUp && holds({ event }),
    flushesFirst: ({ context }) => context.flushesAfter === 'initiate',
    mayComplete: ({ context }) => context.flushesAfter !== 'initiate' && !context.wipes,
    wipesAtOnce: ({ context }) => context.flushesAfter !== 'initiate' && context.wipes,
    wipes: ({ context }) => context.wipes,
    wipesNothing: ({ context }) => !context.wipes,
    flushesLast: ({ context }) => context.flushesAfter === 'complete',
    unlocksGuest: ({ context }) => context.flushesAfter !== 'complete' && context.hasGuest,
    isDone: ({ context }) => context.flushesAfter !== 'complete' && !context.hasGuest,
  },
}).createMachine({
  id: 'hypercall',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: {
      on: {
        lock_guest: { target: 'guest_locked', guard: 'hasGuest', meta: { source: facts.pkvm('5', 'B13') } },
        lock_host: {
          target: 'locked',
          guard: 'hasNoGuest',
          meta: { source: facts.pkvm('1.1', 'Lock = host_ept_lock') },
        },
      },
    },
    guest_locked: {
      on: {
        lookup: [
          { target: 'looked_up', guard: 'isMapped', meta: { source: facts.pkvm('1.1', 'lookup gpa') } },
          {
            target: 'host_unlocked',
            guard: 'looksUp',
            meta: { source: facts.pkvm('1.1', 'not present -> -EINVAL') },
          },
        ],
        lock_host: { target: 'locked', guard: 'looksUpNothing', meta: { source: facts.pkvm('5', 'B13') } },
      },
    },
    looked_up: { on: { lock_host: { target: 'locked', meta: { source: facts.pkvm('5', 'B13') } } } },
    locked: {
      on: {
        request: [
          { target: 'requested', guard: 'holds', meta: { source: facts.pkvm('0.2', 'C5') } },
          { target: 'refused', meta: { source: facts.pkvm('0.2', 'C4') } },
        ],
      },
    },
    requested: {
      on: {
        acknowledge: [
          { target: 'acknowledged', guard: 'holds', meta: { source: facts.pkvm('0.2', 'C5') } },
          { target: 'refused', meta: { source: facts.pkvm('0.2', 'C4') } },
        ],
      },
    },
    refused: { on: { unlock_host: [{ target: 'host_unlocked', guard: 'hasGuest' }, { target: 'idle' }] } },
    acknowledged: { on: { initiate: { target: 'initiated', meta: { source: facts.pkvm('0.2', 'C5') } } } },
    initiated: {
      on: {
        flush: { target: 'separated', guard: 'flushesFirst', meta: { source: facts.pkvm('4', 'I8') } },
        wipe: { target: 'wiped', guard: 'wipesAtOnce', meta: { source: facts.pkvm('4', 'I9') } },
        complete: { target: 'completed', guard: 'mayComplete', meta: { source: facts.pkvm('0.2', 'C5') } },
      },
    },
    separated: {
      on: {
        wipe: { target: 'wiped', guard: 'wipes', meta: { source: facts.pkvm('4', 'I9') } },
        complete: { target: 'completed', guard: 'wipesNothing', meta: { source: facts.pkvm('0.2', 'C5') } },
      },
    },
    wiped: { on: { complete: { target: 'completed', meta: { source: facts.pkvm('0.2', 'C5') } } } },
    completed: {
      on: {
        flush: { target: 'settled', guard: 'flushesLast', meta: { source: facts.pkvm('0.2', 'C8') } },
        unlock_host: [
          { target: 'host_unlocked', guard: 'unlocksGuest' },
          { target: 'idle', guard: 'isDone' },
        ],
      },
    },
    settled: { on: { unlock_host: [{ target: 'host_unlocked', guard: 'hasGuest' }, { target: 'idle' }] } },
    host_unlocked: { on: { unlock_guest: { target: 'idle', meta: { source: facts.pkvm('5', 'B13') } } } },
  },
});

const plainEvents = [
  'lock_guest',
  'lock_host',
  'initiate',
  'complete',
  'flush',
  'wipe',
  'unlock_host',
  'unlock_guest',
] as const;
const events: readonly CallEvent[] = [
  ...plainEvents.map(type => ({ type })),
  ...(['lookup', 'request', 'acknowledge'] as const).flatMap(type =>
    [true, false].map(mayGoOn => ({ type, holds: mayGoOn })),
  ),
];
/** `host_undonate_guest`: both locks, a flush between the two tables, and a page to be wiped. */
const undonation: CallContext = { hasGuest: true, looksUp: false, flushesAfter: 'initiate', wipes: true };

export const hypercallEntry: MachineEntry = {
  name: hypercall.id,
  about: 'one page-state call as the steps that another CPU can come between',
  machine: hypercall,
  events,
  input: undonation,
  tones: {},
};
