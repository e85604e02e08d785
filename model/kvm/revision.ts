/**
 * The revisions of the KVM SPP series, from the RFC of October 2017 (seeds 002, 003) over v4 of August 2019 (seeds
 * 001) to v12 of May 2020: what each offers to user space and how it behaves. Everything in which they differ is a
 * column of this one table; the code asks for the column, never for the name. Facts 3.1, 3.2, 5.
 */

export type RevisionName =
  'rfc-v1' | 'rfc-v2' | 'v3' | 'v4' | 'v5' | 'v6' | 'v7' | 'v8' | 'v9' | 'v10' | 'v11' | 'v12';

export interface Revision {
  readonly name: RevisionName;
  readonly year: number;
  /** How SPP is switched on for a VM. `module` is a parameter of the kernel module: every VM of the host. */
  readonly enabledBy: 'module' | 'KVM_INIT_SPP' | 'KVM_ENABLE_CAP';
  /** The argument of GET and SET: see `subpage-struct.ts`. `pointer` is what the RFC V2 design text documents. */
  readonly argument: 'pointer' | 'fixed array' | 'flexible array';
  /** What the ioctl number's size field says of the argument. The kernel ignores it; user space must not. */
  readonly encodedSize: 'structure' | 'u64' | 'unknown';
  /** `npages` beyond this is `-EINVAL`. */
  readonly maxPages: number;
  /** What `npages = 0` returns. */
  readonly zeroPages: 'EINVAL' | 'zero';
  /** KVM_CAP_X86_SPP. `undefined`: no capability, or its number was not seen. */
  readonly capability: number | undefined;
  /** KVM_EXIT_SPP: 29 once ARM_NISV had taken 28. */
  readonly exitNumber: 28 | 29;
  /** Whether `kvm_run.spp` tells the length of the instruction, and under which name. */
  readonly instructionLength: 'absent' | 'ins_len' | 'insn_len';
  /** Whether KVM moves RIP past the denied write before user space hears of it. */
  readonly skipsInstruction: boolean;
  /** What SET does to pages that are mapped: sets bit 61 and the SPPT at once, marks the leaf, or zaps it. */
  readonly setOnMapped: 'eager' | 'mark' | 'zap';
  /** What an SPP miss rebuilds: the faulting page's L1E, or that of every protected page of the 2-MByte region. */
  readonly missRebuilds: 'page' | 'region';
  /** SET on a page that a large leaf maps: refused with `-EFAULT`, or the leaf is zapped and comes back as 4 KBytes. */
  readonly largePages: 'refused' | 'split';
  /** Whether write-protecting for dirty logging moves bit 61 to a software bit, so that a fault can restore it. */
  readonly savesSpp: boolean;
  /** What KVM's instruction emulator checks: nothing, or whether any touched page has a vector at all. */
  readonly emulation: 'unchecked' | 'whole page';
  /** What freeing the EPT roots leaves: no SPPT root and SPP switched off, or a new empty root. */
  readonly freedRoot: 'gone' | 'reallocated';
  /** Whether deleting one memslot switches SPP off for the whole VM. */
  readonly memslotDeleteDeactivates: boolean;
}

const first = {
  argument: 'fixed array',
  encodedSize: 'unknown',
  maxPages: 64,
  zeroPages: 'EINVAL',
  capability: undefined,
  exitNumber: 28,
  instructionLength: 'absent',
  skipsInstruction: true,
  setOnMapped: 'eager',
  missRebuilds: 'page',
  largePages: 'refused',
  savesSpp: false,
  emulation: 'unchecked',
  freedRoot: 'gone',
  memslotDeleteDeactivates: false,
} as const;

const ioctlEra = { ...first, enabledBy: 'KVM_INIT_SPP', encodedSize: 'u64' } as const;
const lazyEra = { ...ioctlEra, setOnMapped: 'mark', largePages: 'split', savesSpp: true } as const;
const capabilityEra = {
  ...lazyEra,
  enabledBy: 'KVM_ENABLE_CAP',
  argument: 'flexible array',
  maxPages: 512,
  zeroPages: 'zero',
  instructionLength: 'ins_len',
  skipsInstruction: false,
  missRebuilds: 'region',
  emulation: 'whole page',
} as const;

export const revisions = [
  { name: 'rfc-v1', year: 2017, ...first, enabledBy: 'module' },
  {
    name: 'rfc-v2',
    year: 2018,
    ...first,
    enabledBy: 'module',
    argument: 'pointer',
    encodedSize: 'structure',
  },
  { name: 'v3', year: 2019, ...ioctlEra },
  { name: 'v4', year: 2019, ...ioctlEra },
  { name: 'v5', year: 2019, ...lazyEra },
  { name: 'v6', year: 2019, ...lazyEra, emulation: 'whole page' },
  { name: 'v7', year: 2019, ...lazyEra, emulation: 'whole page', missRebuilds: 'region' },
  { name: 'v8', year: 2019, ...capabilityEra },
  { name: 'v9', year: 2019, ...capabilityEra, setOnMapped: 'zap', capability: 176 },
  { name: 'v10', year: 2020, ...capabilityEra, setOnMapped: 'zap', exitNumber: 29 },
  {
    name: 'v11',
    year: 2020,
    ...capabilityEra,
    setOnMapped: 'zap',
    exitNumber: 29,
    capability: 179,
  },
  {
    name: 'v12',
    year: 2020,
    ...capabilityEra,
    setOnMapped: 'zap',
    exitNumber: 29,
    instructionLength: 'insn_len',
    capability: 182,
    freedRoot: 'reallocated',
    memslotDeleteDeactivates: true,
  },
] as const satisfies readonly Revision[];

/** The row of a revision. */
export function revision(name: RevisionName): Revision {
  const found = revisions.find(row => row.name === name);
  if (found === undefined) throw new RangeError(`there is no revision ${name} of the SPP series`);
  return found;
}
