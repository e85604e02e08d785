import { setup } from 'xstate';
import type { MachineEntry } from './entry.ts';
import { facts, seed, type Cited } from '../model/citation.ts';

/**
 * The life of a VM under pKVM, from the donation of its structures to their return. Seed 004: "when creating a VM,
 * its shadow VM data strtucture is allocated in host then donated to the pKVM hypervisor". What is known of the
 * rest is in facts/pkvm.md 1.1, "Callers". A call that no arrow takes is refused and changes nothing.
 */
export type LifeEvent =
  | {
      readonly type: 'init_shadow_vm';
      /** Whether the host owns the page that it offers. */ readonly ownsPage: boolean;
    }
  /** The fast path: pages given before the first run, without a flush each. */
  | { readonly type: 'prepopulate' }
  | { readonly type: 'vcpu_run' }
  | { readonly type: 'vcpu_exit' }
  | { readonly type: 'teardown_shadow_vm'; readonly isRunning: boolean }
  | { readonly type: 'teardown_guest_page' }
  | { readonly type: 'finish_teardown'; readonly tableIsEmpty: boolean };

export const vmLifecycle = setup({
  types: {
    events: {} as LifeEvent,
    meta: {} as Cited,
  },
  guards: {
    hostOwnsPage: ({ event }) => event.type === 'init_shadow_vm' && event.ownsPage,
    noCpuRunsIt: ({ event }) => event.type === 'teardown_shadow_vm' && !event.isRunning,
    tableIsEmpty: ({ event }) => event.type === 'finish_teardown' && event.tableIsEmpty,
  },
}).createMachine({
  id: 'vm-lifecycle',
  initial: 'absent',
  states: {
    absent: {
      on: {
        init_shadow_vm: {
          target: 'created',
          guard: 'hostOwnsPage',
          meta: {
            source: seed(
              '004',
              'its shadow VM data strtucture is allocated in host then donated to the pKVM hypervisor',
            ),
          },
        },
      },
    },
    created: {
      on: {
        prepopulate: {
          target: 'created',
          meta: {
            source: facts.pkvm('1.1', 'only during pre-population; caller flushes EPT+IOTLB afterwards'),
          },
        },
        vcpu_run: {
          target: 'started',
          meta: { source: facts.pkvm('4', 'I8', 'before the guest can run') },
        },
        teardown_shadow_vm: {
          target: 'dying',
          guard: 'noCpuRunsIt',
          meta: { source: facts.pkvm('1.1', 'VM teardown') },
        },
      },
    },
    started: {
      on: {
        vcpu_run: { target: 'started', meta: { source: facts.pkvm('1.1', 'EPT violation') } },
        vcpu_exit: { target: 'started', meta: { source: facts.pkvm('1.1', 'EPT violation') } },
        teardown_shadow_vm: {
          target: 'dying',
          guard: 'noCpuRunsIt',
          meta: { source: facts.pkvm('1.2', 'guest EPT not unmapped (vCPUs gone)') },
        },
      },
    },
    dying: {
      on: {
        teardown_guest_page: {
          target: 'dying',
          meta: { source: facts.pkvm('1.1', 'VM teardown -> per present leaf') },
        },
        finish_teardown: {
          target: 'absent',
          guard: 'tableIsEmpty',
          meta: { source: facts.pkvm('1.1', 'on teardown memset 0 then hyp_donate_host') },
        },
      },
    },
  },
});

const events: readonly LifeEvent[] = [
  { type: 'init_shadow_vm', ownsPage: true },
  { type: 'prepopulate' },
  { type: 'vcpu_run' },
  { type: 'vcpu_exit' },
  { type: 'teardown_shadow_vm', isRunning: false },
  { type: 'teardown_guest_page' },
  { type: 'finish_teardown', tableIsEmpty: true },
];

export const vmLifecycleEntry: MachineEntry = {
  name: vmLifecycle.id,
  about: 'the life of a VM, from the donation of its structures to their return',
  machine: vmLifecycle,
  events,
  tones: { absent: 'host', created: 'shared', started: 'guest', dying: 'exit' },
};
