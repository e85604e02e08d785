import { type Action, type Read, type Value } from '../../checker/index.ts';
import { decideSvm } from '../../machines/nested-state/index.ts';
import {
  callOf,
  judge,
  encodeNestedState,
  Format,
  noAddress,
  pageOfData,
  StateFlags,
  type SvmNested,
  svmOff,
  type SvmVcpu,
  svmVcpu,
  vmcbBytesRead,
} from '../../model/kvm/nested-state/index.ts';
import { type NestedSvmSlots, nestedSvmProperties, nestedSvmSteps } from '../../properties/nested-svm.ts';
import type { SystemParts } from '../define.ts';
import { argsOf, distinct, happening, type MadeCall, perVcpu, setNestedStateAction } from './call.ts';
import type { NestedStateRules } from './rules.ts';
import { errnoTwin } from './twin.ts';

const flags = (values: Parameters<typeof StateFlags.encode>[0]): number =>
  Number(StateFlags.encode(values));

/** The classes of each field of an SVM call. */
const fields = {
  flags: {
    none: 0,
    GIF: flags({ gifSet: true }),
    L2: flags({ guestMode: true }),
    'L2, GIF': flags({ guestMode: true, gifSet: true }),
    'L2, GIF, run pending': flags({ guestMode: true, gifSet: true, runPending: true }),
    'run pending': flags({ runPending: true }),
    EVMCS: flags({ evmcs: true }),
    undefined: 0x10,
  },
  format: { SVM: Format.svm, VMX: Format.vmx, neither: 2 },
  size: {
    'a VMCB': 128 + pageOfData,
    'short of a VMCB': 128 + pageOfData - 1,
    header: 128,
    'short of the header': 127,
  },
  vmcbPa: { page: 0x3000n, misaligned: 0x3001n, none: noAddress },
  data: {
    'a VMCB': new Uint8Array(vmcbBytesRead),
    'short of a VMCB': new Uint8Array(vmcbBytesRead - 1),
  },
  memory: { whole: true, 'short of the header': false },
  entersL2: { yes: true, no: false },
  hasMemory: { yes: true, no: false },
} as const;
type Fields = typeof fields;
type SvmChoice = { readonly [K in keyof Fields]: keyof Fields[K] };

const plain: SvmChoice = {
  flags: 'none',
  format: 'SVM',
  size: 'a VMCB',
  vmcbPa: 'page',
  data: 'a VMCB',
  memory: 'whole',
  entersL2: 'yes',
  hasMemory: 'yes',
};

/** Every flag word with every one other field of another class. */
function* choices(): Generator<SvmChoice> {
  for (const word of Object.keys(fields.flags) as SvmChoice['flags'][]) {
    const base = { ...plain, flags: word };
    yield base;
    for (const [field, classes] of Object.entries(fields)) {
      if (field === 'flags') continue;
      for (const value of Object.keys(classes)) yield { ...base, [field]: value };
    }
  }
}

const makeSlots = (): NestedSvmSlots => ({
  gif: { name: 'GIF', initial: svmOff.gif },
  guestMode: { name: 'in L2', initial: false },
  runPending: { name: 'entry pending', initial: false },
  vmcbPa: { name: 'VMCB', initial: 0n, show: value => `0x${value.toString(16)}` },
  eferSvme: { name: 'EFER.SVME', initial: false },
  inSmm: { name: 'in SMM', initial: false },
});

const nestedNames = Object.keys(svmOff) as (keyof SvmNested)[];

function setNestedState(choice: SvmChoice, s: NestedSvmSlots, rules: NestedStateRules): MadeCall {
  const pick = <K extends keyof Fields>(field: K): Fields[K][SvmChoice[K]] => fields[field][choice[field]];
  const whole = encodeNestedState(
    {
      flags: pick('flags'),
      format: pick('format'),
      size: pick('size'),
      svm: { vmcbPa: pick('vmcbPa') },
      data: pick('data'),
    },
    'newest',
  );
  const memory = pick('memory') ? whole : whole.slice(0, 127);
  const brings = { entersL2: pick('entersL2'), hasMemory: pick('hasMemory') };
  const fixed = callOf(memory, svmVcpu, 'newest');
  const vcpuFrom = (read: Read): SvmVcpu => ({
    ...svmVcpu,
    ...brings,
    eferSvme: read(s.eferSvme),
    inSmm: read(s.inSmm),
  });
  const judged = perVcpu((vcpu: SvmVcpu) => judge(rules.svm, { ...fixed, vcpu }));
  const decided = perVcpu((vcpu: SvmVcpu) => decideSvm({ ...fixed, vcpu }));
  return {
    decide: read => decided(vcpuFrom(read)),
    call: { memory, state: fixed.state, ...brings },
    action: setNestedStateAction(
      argsOf(choice, plain, {
        flags: 'flags',
        format: 'format',
        size: 'size',
        vmcbPa: 'vmcb_pa',
        data: 'data',
        memory: 'memory',
        entersL2: 'entersL2',
        hasMemory: 'hasMemory',
      }),
      read => judged(vcpuFrom(read)),
      (read, write, rule) => {
        const before: SvmNested = {
          gif: read(s.gif),
          guestMode: read(s.guestMode),
          runPending: read(s.runPending),
          vmcbPa: read(s.vmcbPa),
        };
        const after = rules.svmAfter(before, fixed, rule);
        for (const name of nestedNames) write<Value>(s[name], after[name]);
      },
    ),
  };
}

/** What else happens: EFER.SVME is written outside L2, the pending entry is made, SMM comes and goes outside L2. */
function otherActions(s: NestedSvmSlots): readonly Action[] {
  return [
    happening('WRMSR EFER.SVME', 'guest', (read, write) => {
      if (read(s.guestMode)) return false;
      write(s.eferSvme, !read(s.eferSvme));
      return true;
    }),
    happening('KVM_RUN', 'user space', (read, write) => {
      if (!read(s.runPending)) return false;
      write(s.runPending, false);
      return true;
    }),
    happening('SMI or RSM', 'host', (read, write) => {
      if (read(s.guestMode)) return false;
      write(s.inSmm, !read(s.inSmm));
      return true;
    }),
  ];
}

/** A vCPU on a host with SVM, and every call that restores its nested state. */
export function svmSystem(rules: NestedStateRules): SystemParts {
  const s = makeSlots();
  const made = distinct(choices()).map(choice => setNestedState(choice, s, rules));
  const calls = new Map(made.map(one => [one.action, one]));
  return {
    slots: Object.values(s),
    actions: [...made.map(({ action }) => action), ...otherActions(s)],
    properties: [
      ...nestedSvmProperties(s, svmVcpu.maxPhysicalAddressWidth),
      ...nestedSvmSteps(s, action => calls.get(action)?.call, vmcbBytesRead),
    ],
    twin: errnoTwin((action, read) => calls.get(action)?.decide(read)),
    isRefusal: result => result !== 0,
    deadlock: 'stutter',
  };
}
