import type { AnyEventObject, AnyStateMachine, AnyStateNode } from 'xstate';
import {
  answersDrawn,
  eptWalk,
  eptWalkEvents,
  type CallContext,
  type CallEvent,
  hypercall,
  type LifeEvent,
  type PageEvent,
  pageOwnership,
  sppPage,
  type SppPageEvent,
  sppWalk,
  sppWalkEvents,
  svmNestedState,
  vmLifecycle,
  vmxNestedState,
  vmxNestedState2019,
} from '../machines/index.ts';
import type { MachineLook } from './from-machine.ts';
import type { Box } from './from-states.ts';
import type { Tone } from './labelled-graph.ts';

/** A machine with what its pictures and paths need beside it. */
export interface MachineEntry {
  readonly name: string;
  /** One sentence: whose life it is and where it is drawn. */
  readonly about: string;
  readonly machine: AnyStateMachine;
  /** Every event once, with payloads for which the guards let it through where they ever do. */
  readonly events: readonly AnyEventObject[];
  /** What the machine is started with, where it asks for something. */
  readonly input?: unknown;
  readonly look: MachineLook;
}

const pageTones: Readonly<Record<string, Tone>> = {
  init: 'host',
  donated_to_hyp: 'hypervisor',
  donated_to_guest: 'guest',
  shared_back_to_host: 'shared',
  shared_with_guest: 'shared',
};

/** What a state's `meta` says the two tables hold, as lines of its box. */
function pageLines(node: AnyStateNode | undefined): string[] {
  const { host, guest } = (node?.meta ?? {}) as { host?: string; guest?: string };
  return [
    ...(host === undefined ? [] : [`host: ${host}`]),
    ...(guest === undefined ? [] : [`guest: ${guest}`]),
  ];
}

/** A box of seed 004's picture: its name, what host EPT and guest table say, and who owns the page. */
export function pageBox(state: string): Box {
  const tone = pageTones[state];
  const lines = [state.replaceAll('_', ' '), ...pageLines(pageOwnership.states[state as never])];
  return { id: state, label: lines.join('\n'), ...(tone === undefined ? {} : { tone }) };
}

/** Guest A is protected, guest B normal, as in the seed's picture; each has one free gpa. */
const guestA = { vm: 2, gpa: 0 };
const guestB = { vm: 3, gpa: 0 };
const pageEvents: readonly PageEvent[] = [
  { type: 'host_donate_hyp' },
  { type: 'hyp_donate_host' },
  { type: 'host_donate_guest', ...guestA, vmKind: 'protected', gpaIsFree: true },
  { type: 'host_undonate_guest', ...guestA },
  { type: 'guest_share_host', ...guestA },
  { type: 'guest_unshare_host', ...guestA },
  { type: 'host_share_guest', ...guestB, vmKind: 'normal', gpaIsFree: true },
  { type: 'host_unshare_guest', ...guestB },
];

const lifeEvents: readonly LifeEvent[] = [
  { type: 'init_shadow_vm', ownsPage: true },
  { type: 'prepopulate' },
  { type: 'vcpu_run' },
  { type: 'vcpu_exit' },
  { type: 'teardown_shadow_vm', isRunning: false },
  { type: 'teardown_guest_page' },
  { type: 'finish_teardown', tableIsEmpty: true },
];
const lifeTones: Readonly<Record<string, Tone>> = {
  absent: 'host',
  created: 'shared',
  started: 'guest',
  dying: 'exit',
};

/** Every kind of event of a protected frame, with what its guards ask for. */
const sppPageEvents: readonly SppPageEvent[] = [
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
const sppPageTones: Readonly<Record<string, Tone>> = {
  off: 'host',
  plain: 'host',
  'lazy pending': 'shared',
  'marked-miss': 'shared',
  armed: 'guest',
  saved: 'exit',
};

/** A box of any machine by its state's name, in the colour that the machine's own picture gives it. */
export function machineBox(state: string): Box {
  const tone = lifeTones[state] ?? sppPageTones[state];
  return { id: state, label: state.replaceAll('_', ' '), ...(tone === undefined ? {} : { tone }) };
}

const callEvents: readonly CallEvent[] = [
  ...(
    [
      'lock_guest',
      'lock_host',
      'initiate',
      'complete',
      'flush',
      'wipe',
      'unlock_host',
      'unlock_guest',
    ] as const
  ).map(type => ({ type })),
  ...(['lookup', 'request', 'acknowledge'] as const).flatMap(type =>
    [true, false].map(holds => ({ type, holds })),
  ),
];
/** `host_undonate_guest`: both locks, a flush between the two tables, and a page to be wiped. */
const undonation: CallContext = { hasGuest: true, looksUp: false, flushesAfter: 'initiate', wipes: true };

/** The final states of the two walks. */
const walkTones: Readonly<Record<string, Tone>> = {
  ...Object.fromEntries(['allowed', 'allow', 'ignore_SPP'].map(state => [state, 'guest'])),
  ...Object.fromEntries(
    [
      'ept_violation',
      'ept_misconfig',
      'spp_miss',
      'spp_misconfig',
      'virtualization_exception',
      'pml_full',
      'vmentry_fail',
      'EPT_legacy_behavior',
      'sppt_miss',
      'sppt_misconfig',
      'disallow',
    ].map(state => [state, 'exit']),
  ),
};

/** A decision of `KVM_SET_NESTED_STATE`: its boxes are questions, its events the answers. */
const decision = (name: string, about: string, machine: AnyStateMachine): MachineEntry => ({
  name,
  about,
  machine,
  events: answersDrawn(machine),
  look: {},
});

/** Every machine there is. */
export const machines: readonly MachineEntry[] = [
  {
    name: 'page-ownership',
    about: "the life of one page: seed 004's picture",
    machine: pageOwnership,
    events: pageEvents,
    look: { label: state => pageBox(state).label, tone: state => pageTones[state] },
  },
  {
    name: 'vm-lifecycle',
    about: 'the life of a VM, from the donation of its structures to their return',
    machine: vmLifecycle,
    events: lifeEvents,
    look: { tone: state => lifeTones[state] },
  },
  {
    name: 'ept-walk',
    about: 'the EPT walk of one access, from VM entry to the outcome',
    machine: eptWalk,
    events: eptWalkEvents,
    look: { tone: state => walkTones[state] },
  },
  {
    name: 'spp-walk',
    about: 'the SPP walk: the drawing of seed 001, "How SPP hardware works"',
    machine: sppWalk,
    events: sppWalkEvents,
    look: { tone: state => walkTones[state] },
  },
  {
    name: 'spp-page',
    about: "the life of one guest frame under KVM's sub-page protection",
    machine: sppPage,
    events: sppPageEvents,
    look: { tone: state => sppPageTones[state] },
  },
  {
    name: 'hypercall',
    about: 'one page-state call as the steps that another CPU can come between',
    machine: hypercall,
    events: callEvents,
    input: undonation,
    look: {},
  },
  decision('vmx-nested-state', 'what KVM_SET_NESTED_STATE asks of a VMX state, today', vmxNestedState),
  decision('vmx-nested-state-2019', 'the same in 2019: the last patch of seed 001', vmxNestedState2019),
  decision('svm-nested-state', 'what KVM_SET_NESTED_STATE asks of an SVM state', svmNestedState),
];
