import type {
  CallArguments,
  CountedImplementation,
  CountedMachineFacts,
} from '../../oracle/counted/index.ts';
import type { SuiteArguments, SuiteLeaf } from '../suite.ts';

/** A call with its arguments as the model takes them and as a suite writes them. */
export interface SuiteCall {
  readonly name: string;
  readonly args: CallArguments;
  readonly shown: SuiteArguments;
}

/** The machine that a suite is made on, the calls that it makes there, and what it looks at. */
export interface Alphabet {
  readonly machine: CountedMachineFacts;
  readonly calls: readonly SuiteCall[];
  readonly observed: readonly Pick<SuiteLeaf, 'table' | 'address'>[];
  /** Counts and pins of the page are led no further than this. */
  readonly most: { readonly shares: number; readonly pins: number };
}

/** The numbers of the two VMs. */
const normal = 1;
const isolated = 2;
const PAGE = 0x1000n;
const most = { shares: 2, pins: 1 };

interface Shape {
  readonly takes: readonly (keyof CallArguments)[];
}

/** Calls that the suites do not make: of MMIO, of what hardware marks, and of what ends a VM for good. */
const leftOut: ReadonlySet<string> = new Set([
  'host_donate_hyp_mmio',
  'hyp_donate_host_mmio',
  'vm_finalize',
  'refill_memcache',
  'reclaim_dying_guest_page',
  'host_mkyoung_guest',
  'host_test_clear_young_guest',
]);

const x86 = { page: 0x40_0000n, gpas: [0x1_0000n, 0x1_1000n] } as const;

function* x86Calls(name: string, { takes }: Shape): Generator<SuiteCall> {
  const vms = takes.includes('vm') ? [normal, isolated] : [undefined];
  const gpas = takes.includes('gpa') ? x86.gpas : [undefined];
  const pa = takes.includes('pa') ? x86.page : undefined;
  const call = (args: CallArguments): SuiteCall => {
    const { pa: hpa, gpa, vm, size = 0n, writable } = args;
    return {
      name,
      args,
      shown: {
        ...(hpa === undefined ? {} : { hpa }),
        ...(gpa === undefined ? {} : { gpa }),
        ...(vm === undefined ? {} : { vm }),
        size,
        ...(writable === undefined ? {} : { prot: { read: true, write: writable, execute: true } }),
      },
    };
  };
  const size = takes.includes('size') ? PAGE : undefined;
  const rights = takes.includes('writable') ? [true, false] : [undefined];
  for (const vm of vms)
    for (const gpa of gpas) for (const writable of rights) yield call({ pa, gpa, vm, size, writable });
  const [vm] = vms;
  const [gpa] = gpas;
  if (size === undefined) return;
  const [writable] = rights;
  for (const odd of [0n, 0x800n, 2n * PAGE]) yield call({ pa, gpa, vm, size: odd, writable });
  if (pa !== undefined) yield call({ pa: pa + 0x800n, gpa, vm, size, writable });
  if (pa !== undefined) yield call({ pa: pa + 0x10_0000n, gpa, vm, size, writable });
  if (gpa !== undefined) yield call({ pa, gpa: gpa + 0x800n, vm, size, writable });
  if (gpa !== undefined) yield call({ pa, gpa: 1n << 48n, vm, size, writable });
}

const arm64 = { pfn: 0x4_0000n, gfns: [0x8_0010n, 0x8_0011n] } as const;
/** PX, UX, W and R: `KVM_PGTABLE_PROT_RWX`. */
const rwx = 0xfn;

/** The handlers of hypercalls look at the kind of a VM before these functions are called. */
const kindOf = (name: string): number =>
  name === 'host_share_guest' ||
  name.startsWith('host_unshare_guest') ||
  name.startsWith('host_relax') ||
  name.startsWith('host_wrprotect')
    ? normal
    : isolated;

function* arm64Calls(name: string, { takes }: Shape): Generator<SuiteCall> {
  const has = (what: keyof CallArguments): boolean => takes.includes(what);
  const call = (args: CallArguments): SuiteCall => {
    const { pfn, phys, gfn, vm, nr = 1n, prot } = args;
    return {
      name,
      args,
      shown: {
        ...(pfn === undefined ? {} : { hpa: pfn * PAGE }),
        ...(phys === undefined ? {} : { hpa: phys }),
        ...(gfn === undefined ? {} : { gpa: gfn * PAGE }),
        ...(vm === undefined ? {} : { vm }),
        size: nr * PAGE,
        ...(prot === undefined ? {} : { prot: Number(prot) }),
      },
    };
  };
  const base: CallArguments = {
    pfn: has('pfn') ? arm64.pfn : undefined,
    phys: has('phys') ? arm64.pfn * PAGE : undefined,
    vm: has('vm') ? kindOf(name) : undefined,
    nr: has('nr') ? 1n : undefined,
    prot: has('prot') ? rwx : undefined,
  };
  for (const gfn of has('gfn') ? arm64.gfns : [undefined]) yield call({ ...base, gfn });
  const gfn = has('gfn') ? arm64.gfns[0] : undefined;
  if (has('nr')) for (const nr of [0n, 2n]) yield call({ ...base, gfn, nr });
  if (has('prot')) yield call({ ...base, gfn, prot: 0x10n });
  if (has('pfn') && name !== 'hyp_donate_host') yield call({ ...base, gfn, pfn: arm64.pfn + 0x1_0000n });
  if (has('phys')) yield call({ ...base, phys: (arm64.pfn + 0x1_0000n) * PAGE });
}

/** What the suites of an implementation are made of: one page, two frames, a VM of each kind. */
export function alphabetOf(
  { machine }: CountedImplementation,
  shapes: ReadonlyMap<string, Shape>,
): Alphabet {
  const names = [...shapes].filter(([name]) => !leftOut.has(name));
  const vms = [
    { id: normal, isProtected: false, isFinalized: true, isDying: false },
    { id: isolated, isProtected: true, isFinalized: true, isDying: false },
  ];
  const isX86 = machine === 'x86';
  const page = isX86 ? x86.page : arm64.pfn * PAGE;
  const frames = isX86 ? x86.gpas : arm64.gfns.map(gfn => gfn * PAGE);
  return {
    machine: {
      ram: [{ start: page, end: page + PAGE }],
      hypervisor: [],
      vms,
      initially: 'host owns all RAM',
      pageSizes: [PAGE],
    },
    calls: names.flatMap(([name, shape]) => [...(isX86 ? x86Calls(name, shape) : arm64Calls(name, shape))]),
    observed: [
      { table: 'record', address: page },
      // what arm64 maps for the host it maps lazily
      ...(isX86 ? [{ table: 'host' as const, address: page }] : []),
      ...[normal, isolated].flatMap(table => frames.map(address => ({ table, address }))),
    ],
    most,
  };
}
