import {
  type Dialect,
  encodeNestedState,
  type NestedStateInput,
  noAddress,
  pageOfData,
  SmmFlags,
  StateFlags,
  Vmcs12,
  vmcs12Data,
  vmcs12Revision,
  type VmxVcpu,
} from '../../model/kvm/nested-state/index.ts';

/**
 * The classes of each field of a VMX call: one value for everything that the kernel tells apart in it, under the name
 * by which an action shows it.
 */

const flags = (values: Parameters<typeof StateFlags.encode>[0]): number =>
  Number(StateFlags.encode(values));
const smm = (values: Parameters<typeof SmmFlags.encode>[0]): number => Number(SmmFlags.encode(values));
const room = 128 + Vmcs12.size;

/** The page of a vmcs12 with its first word changed, at this byte of the data. */
function withHeader(data: Uint8Array, at: number, hdr: number): Uint8Array {
  const changed = data.slice();
  changed.set(Vmcs12.encode({ ...Vmcs12.decode(data.subarray(at)), hdr }), at);
  return changed;
}

const ours = vmcs12Data(false);
const shadowed = vmcs12Data(true);

const vmxFields = {
  flags: {
    none: 0,
    L2: flags({ guestMode: true }),
    'L2, run pending': flags({ guestMode: true, runPending: true }),
    'run pending': flags({ runPending: true }),
    EVMCS: flags({ evmcs: true }),
    'L2, EVMCS': flags({ guestMode: true, evmcs: true }),
    'L2, MTF pending': flags({ guestMode: true, mtfPending: true }),
    GIF: flags({ gifSet: true }),
    undefined: 0x10,
  },
  format: { VMX: 0, SVM: 1, neither: 2 },
  size: {
    'short of the header': 127,
    header: 128,
    'short of a vmcs12': room - 1,
    'a vmcs12': room,
    'short of a shadow': room + pageOfData - 1,
    'a shadow': room + pageOfData,
  },
  vmxonPa: { none: noAddress, page: 0x1000n, misaligned: 0x1001n, 'too wide': 0x4000_0000_0000n },
  vmcs12Pa: { none: noAddress, page: 0x2000n, 'the VMXON region': 0x1000n, misaligned: 0x2001n },
  smmFlags: {
    none: 0,
    VMXON: smm({ vmxon: true }),
    L2: smm({ guestMode: true }),
    'VMXON, L2': smm({ vmxon: true, guestMode: true }),
    undefined: 4,
  },
  vmxFlags: { none: 0, deadline: 1, undefined: 2 },
  data: {
    absent: new Uint8Array(),
    vmcs12: ours,
    'vmcs12 of another revision': withHeader(ours, 0, 1),
    'with a shadow': shadowed,
    'shadow absent': shadowed.slice(0, pageOfData),
    'shadow of another revision': withHeader(shadowed, pageOfData, 1),
    'shadow without its indicator': withHeader(shadowed, pageOfData, vmcs12Revision),
  },
  memory: { whole: true, 'short of the header': false },
  entersL2: { yes: true, no: false },
  hasMemory: { yes: true, no: false },
} as const;

type Fields = typeof vmxFields;
/** One class of every field. */
export type VmxChoice = { readonly [K in keyof Fields]: keyof Fields[K] };

/** The call of these classes: the caller's memory, and what the vCPU brings to it. */
export function vmxCall(
  choice: VmxChoice,
  dialect: Dialect,
): { readonly memory: Uint8Array; readonly vcpu: Pick<VmxVcpu, 'entersL2' | 'hasMemory'> } {
  const pick = <K extends keyof Fields>(field: K): Fields[K][VmxChoice[K]] =>
    vmxFields[field][choice[field]];
  const state: NestedStateInput = {
    flags: pick('flags'),
    format: pick('format'),
    size: pick('size'),
    vmx: {
      vmxonPa: pick('vmxonPa'),
      vmcs12Pa: pick('vmcs12Pa'),
      smmFlags: pick('smmFlags'),
      ...(dialect === 'newest' ? { flags: pick('vmxFlags') } : {}),
    },
    data: pick('data'),
  };
  const memory = encodeNestedState(state, dialect);
  return {
    memory: pick('memory') ? memory : memory.slice(0, 127),
    vcpu: { entersL2: pick('entersL2'), hasMemory: pick('hasMemory') },
  };
}

/** The names of a field's classes, in order. */
export const classesOf = <K extends keyof Fields>(field: K): readonly (keyof Fields[K])[] =>
  Object.keys(vmxFields[field]) as (keyof Fields[K])[];

/** Every choice that differs from this one in at most one field: itself first. */
export function* withOneOther(base: VmxChoice): Generator<VmxChoice> {
  yield base;
  for (const field of Object.keys(vmxFields) as (keyof Fields)[]) {
    for (const value of classesOf(field)) {
      if (value !== base[field]) yield { ...base, [field]: value };
    }
  }
}
