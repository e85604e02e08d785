import { setup } from 'xstate';
import { type Cited, facts, seed } from '../model/citation.ts';
import type { MachineEntry } from './entry.ts';

/**
 * The EPT walk of one access, from VM entry to the outcome: seed 001, "Guest write access --> GPA --> Walk EPT -->
 * EPT leaf entry", with the order of decisions of our facts. What an entry permits does not stop the walk: rights
 * are asked for once, over all entries, when the leaf is known. The box "asks_SPPT" is the machine `spp-walk`.
 */
export type EptWalkEvent =
  | { readonly type: 'vm_entry'; readonly fields: 'valid' | 'invalid'; readonly levels: 4 | 5 }
  | { readonly type: 'ept_entry'; readonly is: 'not_present' | 'misconfigured' | 'table' | 'page' }
  /** What the access asks for and the entries used do not all give. */
  | { readonly type: 'rights'; readonly missing: 'nothing' | 'write' | 'other' }
  /** The final state of `spp-walk`; the two in which the EPT alone decides are one here. */
  | {
      readonly type: 'spp_walk';
      readonly says: 'allow' | 'disallow' | 'miss' | 'misconfig' | 'EPT_decides';
    }
  /** Accessed and dirty flags that the access must set, and whether the log has room where logging is on. */
  | { readonly type: 'flags'; readonly needed: boolean; readonly logIsFull: boolean }
  /** Whether all that makes an EPT violation a virtualization exception holds. */
  | { readonly type: 'ept_violation'; readonly isConvertible: boolean };

/** Asked of every entry, in this order: an upper entry that is not present hides a misconfigured lower one. */
const wrongEntry = [
  {
    guard: 'notPresent',
    target: 'violation',
    meta: { source: facts.eptSpp('2', 'not present -> EPT violation') },
  },
  {
    guard: 'misconfigured',
    target: 'ept_misconfig',
    meta: { source: facts.eptSpp('2', 'EPT misconfig(level, reason), stop') },
  },
] as const;
const toTable = <Next extends string>(next: Next) =>
  ({ guard: 'table', target: next, meta: { source: seed('001', 'Walk EPT') } }) as const;
const toPage = <Next extends string>(next: Next) =>
  ({ guard: 'page', target: next, meta: { source: seed('001', 'EPT leaf entry') } }) as const;
const granted = {
  guard: 'nothingMissing',
  target: 'flags',
  meta: { source: facts.eptSpp('2', 'SPP is not consulted (bit 61 irrelevant when acc.W = 1)') },
} as const;

export const eptWalk = setup({
  types: { events: {} as EptWalkEvent, meta: {} as Cited },
  guards: {
    fieldsInvalid: ({ event: e }) => e.type === 'vm_entry' && e.fields === 'invalid',
    fiveLevels: ({ event: e }) => e.type === 'vm_entry' && e.levels === 5,
    notPresent: ({ event: e }) => e.type === 'ept_entry' && e.is === 'not_present',
    misconfigured: ({ event: e }) => e.type === 'ept_entry' && e.is === 'misconfigured',
    table: ({ event: e }) => e.type === 'ept_entry' && e.is === 'table',
    page: ({ event: e }) => e.type === 'ept_entry' && e.is === 'page',
    nothingMissing: ({ event: e }) => e.type === 'rights' && e.missing === 'nothing',
    writeMissing: ({ event: e }) => e.type === 'rights' && e.missing === 'write',
    allow: ({ event: e }) => e.type === 'spp_walk' && e.says === 'allow',
    miss: ({ event: e }) => e.type === 'spp_walk' && e.says === 'miss',
    misconfig: ({ event: e }) => e.type === 'spp_walk' && e.says === 'misconfig',
    logFull: ({ event: e }) => e.type === 'flags' && e.needed && e.logIsFull,
    convertible: ({ event: e }) => e.type === 'ept_violation' && e.isConvertible,
  },
}).createMachine({
  id: 'ept-walk',
  initial: 'vm_entry',
  states: {
    vm_entry: {
      on: {
        vm_entry: [
          {
            guard: 'fieldsInvalid',
            target: 'vmentry_fail',
            meta: {
              source: facts.eptSpp('2', 'invalid EPTP, or bit 23 set with bad SPPTP -> VM-entry failure'),
            },
          },
          {
            guard: 'fiveLevels',
            target: 'PML5E',
            meta: { source: facts.eptSpp('1.1', '3 = 4-level (cap bit 6), 4 = 5-level') },
          },
          {
            target: 'PML4E',
            meta: { source: facts.eptSpp('1.1', '3 = 4-level (cap bit 6), 4 = 5-level') },
          },
        ],
      },
    },
    PML5E: { on: { ept_entry: [...wrongEntry, toTable('PML4E')] } },
    PML4E: { on: { ept_entry: [...wrongEntry, toTable('PDPTE')] } },
    PDPTE: { on: { ept_entry: [...wrongEntry, toPage('rights_to_large_page'), toTable('PDE')] } },
    PDE: { on: { ept_entry: [...wrongEntry, toPage('rights_to_large_page'), toTable('PTE')] } },
    PTE: { on: { ept_entry: [...wrongEntry, toPage('rights_to_4K_page')] } },
    rights_to_large_page: {
      on: {
        rights: [
          granted,
          // the drawing does not ask for the size of the page
          { target: 'violation', meta: { source: facts.eptSpp('2', 'leaf is a 4K PTE') } },
        ],
      },
    },
    rights_to_4K_page: {
      on: {
        rights: [
          granted,
          {
            guard: 'writeMissing',
            target: 'asks_SPPT',
            meta: { source: seed('003', 'accumulated write-access bit') },
          },
          // the drawing would ask the SPPT for reads too
          {
            target: 'violation',
            meta: { source: seed('001', 'can occur only due to an attempt to write memory') },
          },
        ],
      },
    },
    asks_SPPT: {
      on: {
        spp_walk: [
          { guard: 'allow', target: 'flags', meta: { source: seed('001', '<true> allow, write access') } },
          {
            guard: 'miss',
            target: 'spp_miss',
            meta: { source: seed('001', 'exit_qualification & sppt_miss --> sppt miss') },
          },
          {
            guard: 'misconfig',
            target: 'spp_misconfig',
            meta: { source: seed('001', 'exit_qualification & sppt_misconfig --> sppt misconfig') },
          },
          { target: 'violation', meta: { source: seed('001', '<false> disallow, EPT violation') } },
        ],
      },
    },
    flags: {
      on: {
        flags: [
          {
            guard: 'logFull',
            target: 'pml_full',
            meta: { source: facts.eptSpp('2', 'exit 62 with nothing set') },
          },
          {
            target: 'allowed',
            meta: { source: facts.eptSpp('2', 'set A in every entry used, D in the leaf if wr') },
          },
        ],
      },
    },
    violation: {
      on: {
        ept_violation: [
          {
            guard: 'convertible',
            target: 'virtualization_exception',
            meta: { source: facts.eptSpp('2', 'an EPT violation (also an SPP denial) becomes #VE') },
          },
          {
            target: 'ept_violation',
            meta: { source: facts.eptSpp('1.5', 'An SPP denial has NO bit of its own') },
          },
        ],
      },
    },
    allowed: { type: 'final' },
    ept_violation: { type: 'final' },
    ept_misconfig: { type: 'final' },
    spp_miss: { type: 'final' },
    spp_misconfig: { type: 'final' },
    virtualization_exception: { type: 'final' },
    pml_full: { type: 'final' },
    vmentry_fail: { type: 'final' },
  },
});

/** Every event, each once: what the machine is explored with. */
export const eptWalkEvents: readonly EptWalkEvent[] = [
  { type: 'vm_entry', fields: 'invalid', levels: 4 },
  { type: 'vm_entry', fields: 'valid', levels: 4 },
  { type: 'vm_entry', fields: 'valid', levels: 5 },
  ...(['not_present', 'misconfigured', 'table', 'page'] as const).map(is => ({
    type: 'ept_entry' as const,
    is,
  })),
  ...(['nothing', 'write', 'other'] as const).map(missing => ({ type: 'rights' as const, missing })),
  ...(['allow', 'disallow', 'miss', 'misconfig', 'EPT_decides'] as const).map(says => ({
    type: 'spp_walk' as const,
    says,
  })),
  { type: 'flags', needed: false, logIsFull: false },
  { type: 'flags', needed: false, logIsFull: true },
  { type: 'flags', needed: true, logIsFull: false },
  { type: 'flags', needed: true, logIsFull: true },
  { type: 'ept_violation', isConvertible: false },
  { type: 'ept_violation', isConvertible: true },
];

export const eptWalkEntry: MachineEntry = {
  name: eptWalk.id,
  about: 'the EPT walk of one access, from VM entry to the outcome',
  machine: eptWalk,
  events: eptWalkEvents,
  tones: {
    allowed: 'guest',
    ept_violation: 'exit',
    ept_misconfig: 'exit',
    spp_miss: 'exit',
    spp_misconfig: 'exit',
    virtualization_exception: 'exit',
    pml_full: 'exit',
    vmentry_fail: 'exit',
  },
};
