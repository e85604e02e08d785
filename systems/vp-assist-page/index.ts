import type { Action, Slot } from '../../checker/index.ts';
import {
  type Enlightenment,
  guestWrites,
  type VpAssistPageRevision,
  vpAssistPageWords,
} from '../../model/hyperv/index.ts';
import { vpAssistPageProperties, type VpAssistPageSlots } from '../../properties/vp-assist-page.ts';
import { facts, seed } from '../../model/citation.ts';
import { system, type SystemParts } from '../define.ts';
import { oneOf } from '../size.ts';
import type { Mutant, Profile } from '../system.ts';

/** The kernel's definitions that the hypervisor understands. The two that it does not are the faults. */
const profiles: readonly Profile[] = (
  [
    ['merged', 'the structure as the fix was merged'],
    ['modern', "today's structure"],
  ] as const
).map(([revision, about]) => ({
  name: revision,
  about: `a guest kernel with ${about}`,
  parameters: { revision },
  isDefault: true,
  pinned: {
    states: 6,
    because: 'no VMCS or one of two, times direct hypercalls on or off',
  },
}));

const faults: readonly (Mutant & { readonly revision: VpAssistPageRevision })[] = [
  {
    name: 'v1',
    about: 'the structure as in the first version of the fix, with a control of 16 bytes',
    source: facts.nestedState('7', 'v1 of the fix (wrong, 64 bytes)'),
    revision: 'v1',
  },
  {
    name: 'before',
    about: 'the structure before the fix, with vtl_control of 16 bytes',
    source: seed('001', 'The struct hv_vp_assist_page was defined incorrectly'),
    revision: 'before',
  },
];

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const makeSlots = (): VpAssistPageSlots => ({
  enlightenVmentry: { name: 'guest means: VM entry is enlightened', initial: false },
  currentNestedVmcs: { name: 'guest means: current VMCS', initial: 0n, show: hex },
  directHypercall: { name: 'guest means: direct hypercalls', initial: false },
  words: Array.from({ length: vpAssistPageWords }, (_, at): Slot<bigint> => ({
    name: `page bytes ${8 * at}..${8 * at + 7}`,
    initial: 0n,
    show: hex,
  })),
});

/** An operation of the guest kernel: what it changes of what it means, and the page that it then writes. */
function action(
  name: string,
  args: Action['args'],
  s: VpAssistPageSlots,
  revision: VpAssistPageRevision,
  means: Partial<Enlightenment>,
): Action {
  return {
    name,
    actor: 'guest',
    args,
    run: (read, write) => {
      const meant: Enlightenment = {
        enlightenVmentry: read(s.enlightenVmentry),
        currentNestedVmcs: read(s.currentNestedVmcs),
        directHypercall: read(s.directHypercall),
        ...means,
      };
      write(s.enlightenVmentry, meant.enlightenVmentry);
      write(s.currentNestedVmcs, meant.currentNestedVmcs);
      write(s.directHypercall, meant.directHypercall);
      const page = guestWrites(
        s.words.map(slot => read(slot)),
        meant,
        revision,
      );
      s.words.forEach((slot, at) => write(slot, page[at] ?? 0n));
      return 0;
    },
  };
}

function systemOf(kernel: VpAssistPageRevision): SystemParts {
  const s = makeSlots();
  // evmcs_load() of the kernel: the address and the enlightened entry are written together
  const load = [0x1000n, 0x1234_5000n].map(vmcs =>
    action('load_evmcs', { vmcs }, s, kernel, { enlightenVmentry: true, currentNestedVmcs: vmcs }),
  );
  const direct = [true, false].map(on =>
    action('direct_hypercall', { on }, s, kernel, { directHypercall: on }),
  );
  const clear = action('clear_evmcs', {}, s, kernel, { enlightenVmentry: false, currentNestedVmcs: 0n });
  return {
    slots: [s.enlightenVmentry, s.currentNestedVmcs, s.directHypercall, ...s.words],
    actions: [...load, clear, ...direct],
    properties: vpAssistPageProperties(s),
    deadlock: 'stutter',
  };
}

export const vpAssistPage = system({
  name: 'vp-assist-page',
  about:
    "a guest kernel and its hypervisor mean the same bytes of hv_vp_assist_page (seed 001's other patch)",
  size: { revision: oneOf(['merged', 'modern'], "the kernel's structure") },
  profiles,
  finite: 'one page of one vCPU: nothing is counted, and two addresses of a VMCS stand for all',
  faults,
  build: ({ revision }, [fault]) => systemOf(fault?.revision ?? revision),
});
