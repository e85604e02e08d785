import type { Value } from '../../checker/index.ts';
import {
  type CountedArguments,
  type CountedOperationName,
  countedOperationNames,
  countedOperations,
} from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { CountedSize } from './size.ts';
import { BLOCK, type Cell, type CountedSlots, type CountedVmSlots } from './world.ts';

/** One call with its arguments. */
export interface SharingCall extends CountedArguments {
  readonly name: CountedOperationName;
  /** Whether a page can be had for a table of the guest. */
  readonly tables: 'there' | 'none';
  /** Whether its arguments are such that R1 and R2 let them through. */
  readonly isWellFormed: boolean;
}

type Range = readonly [start: bigint, size: bigint];

/** Ranges of up to `longest` single pages, and the large ones that begin with the first page of a block. */
function rangesOf(cells: readonly Cell[], longest: number): readonly Range[] {
  const singles = cells.filter(({ pages }) => pages === 1n);
  const lengths = Array.from({ length: longest }, (_, at) => at + 1);
  const isOneAfterAnother = (from: number, length: number): boolean =>
    singles[from + length - 1]?.start === (singles[from]?.start ?? 0n) + BigInt(length - 1) * PAGE_SIZE;
  return [
    ...lengths.flatMap(length =>
      singles
        .filter((_, at) => isOneAfterAnother(at, length))
        .map(({ start }): Range => [start, BigInt(length) * PAGE_SIZE]),
    ),
    ...cells.filter(({ pages }) => pages > 1n).map(({ start }): Range => [start - PAGE_SIZE, BLOCK]),
  ];
}

/** What is in this size of a system; the mapping of MMIO at boot is no call of it. */
function isMade(
  name: CountedOperationName,
  { hyp, readOnly, devices, mmio, accessed }: CountedSize,
): boolean {
  switch (name) {
    case 'host_donate_hyp_share_ro':
      return hyp && readOnly;
    case 'host_donate_hyp':
    case 'hyp_donate_host':
    case 'host_share_hyp':
    case 'host_unshare_hyp':
      return hyp;
    case 'host_use_dma':
    case 'host_unuse_dma':
      return devices > 0;
    case 'hyp_donate_host_mmio':
      return mmio > 0;
    case 'host_donate_hyp_mmio':
      return false;
    case 'host_test_clear_young_guest':
      return accessed;
    default:
      return true;
  }
}

/** The kind of VM that an operation is for; `undefined` where it is for both. */
function kindFor(name: CountedOperationName): 'protected' | 'normal' | undefined {
  switch (name) {
    case 'host_donate_guest':
    case 'guest_share_host':
    case 'guest_unshare_host':
    case 'vm_finalize':
      return 'protected';
    case 'host_share_guest':
    case 'host_unshare_guest':
    case 'host_test_clear_young_guest':
      return 'normal';
    default:
      return undefined;
  }
}

/** A protected guest asks for itself, and only a protected VM is finalized; the host may name any VM. */
function vmsFor(name: CountedOperationName, { vms, size }: CountedSlots): readonly CountedVmSlots[] {
  const kind = kindFor(name);
  const isOwnCall = name.startsWith('guest_') || name === 'vm_finalize';
  if (kind === undefined || (size.calls === 'all' && !isOwnCall)) return vms;
  return vms.filter(({ isProtected }) => isProtected === (kind === 'protected'));
}

const usesTables = (name: CountedOperationName): boolean =>
  countedOperations[name].takes.includes('gpa') && name !== 'host_test_clear_young_guest';

function wellFormed(name: CountedOperationName, world: CountedSlots): SharingCall[] {
  const { size, pages, mmio } = world;
  const { takes } = countedOperations[name];
  const isMmioCall = name === 'hyp_donate_host_mmio';
  const forMmio = isMmioCall || name === 'host_use_dma' || name === 'host_unuse_dma';
  const ranges = [
    ...(isMmioCall ? [] : rangesOf(pages, size.range)),
    ...(forMmio ? rangesOf(mmio, 1) : []),
  ];
  const vms = takes.includes('vm') ? vmsFor(name, world) : [undefined];
  const supplies =
    size.tables === 'may be missing' && usesTables(name)
      ? (['there', 'none'] as const)
      : (['there'] as const);
  const rights = takes.includes('writable') ? [true, false].slice(0, size.prots) : [undefined];
  const base = { name, isWellFormed: true };
  return vms.flatMap(vm => {
    const places = takes.includes('gpa') ? rangesOf(vm?.cells ?? [], size.range) : [undefined];
    const phys = takes.includes('pa') ? ranges : [undefined];
    return phys.flatMap(pa =>
      places
        .filter(gpa => pa === undefined || gpa === undefined || pa[1] === gpa[1])
        .flatMap(gpa =>
          rights.flatMap(writable =>
            supplies.map((tables): SharingCall => ({
              ...base,
              tables,
              ...(vm === undefined ? {} : { vm: vm.id }),
              ...(gpa === undefined ? {} : { gpa: gpa[0], size: gpa[1] }),
              ...(pa === undefined ? {} : { pa: pa[0], size: pa[1] }),
              ...(writable === undefined ? {} : { writable }),
              ...(takes.includes('clear') && name === 'hyp_donate_host' ? { clear: true } : {}),
              ...(takes.includes('mkold') ? { mkold: true } : {}),
            })),
          ),
        ),
    );
  });
}

/** One call of each kind of malformed argument: size zero, not whole pages, wrapping, beyond RAM, beyond the walk. */
function malformed(name: CountedOperationName, world: CountedSlots): SharingCall[] {
  const [whole] = wellFormed(name, world).filter(({ tables }) => tables === 'there');
  const operation = countedOperations[name];
  // what the hypervisor asks of itself, it asks with sense
  if (whole?.size === undefined || operation.caller === 'hyp' || operation.returns === 'nothing') return [];
  const bad = { ...whole, isWellFormed: false };
  const last = (1n << 64n) - PAGE_SIZE;
  const starts = (['pa', 'gpa'] as const).filter(what => whole[what] !== undefined);
  const isLoose = name === 'host_share_hyp';
  return [
    { ...bad, size: 0n },
    ...(isLoose ? [] : [{ ...bad, size: PAGE_SIZE / 2n }]),
    ...starts.flatMap(what => [
      ...(isLoose ? [] : [{ ...bad, [what]: (whole[what] ?? 0n) + PAGE_SIZE / 2n }]),
      { ...bad, [what]: last, size: 2n * PAGE_SIZE },
    ]),
    ...(whole.gpa === undefined ? [] : [{ ...bad, gpa: 1n << 48n }]),
    ...(whole.pa === undefined || name === 'hyp_donate_host_mmio'
      ? []
      : [
          { ...bad, pa: (world.pages[0]?.start ?? 0n) - PAGE_SIZE, size: 2n * PAGE_SIZE },
          ...(name === 'host_use_dma' ? [] : world.mmio.map(({ start }) => ({ ...bad, pa: start }))),
        ]),
  ];
}

/** Every call of this size. */
export const callsOf = (world: CountedSlots): readonly SharingCall[] =>
  countedOperationNames
    .filter(name => isMade(name, world.size))
    .flatMap(name => [
      ...wellFormed(name, world),
      ...(world.size.calls === 'all' ? malformed(name, world) : []),
    ]);

/** The arguments as the report shows them. */
export function shownArguments({
  pa,
  gpa,
  size,
  vm,
  writable,
  tables,
}: SharingCall): Record<string, Value> {
  return {
    ...(vm === undefined ? {} : { vm }),
    ...(gpa === undefined ? {} : { gpa }),
    ...(pa === undefined ? {} : { pa }),
    ...(size === undefined ? {} : { size }),
    ...(writable === false ? { prot: 'r-x' } : {}),
    ...(tables === 'none' ? { tables } : {}),
  };
}
