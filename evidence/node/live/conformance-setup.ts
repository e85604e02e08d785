import { type Stage2, stage2Of } from '../../../model/arm64/index.ts';
import { arm64Recorded } from '../../records/arm64-live.ts';
import { gathered, LiveError, physicalOf } from '../../live/index.ts';
import { guestTableIn, memcacheIn } from '../../live/by-hand/vcpu.ts';
import { el2TableOf, type WitnessPlaces } from '../../live/by-hand/witness.ts';
import type { ConformanceOptions, Look } from './conformance.ts';
import type { Hypervisor } from './hypervisor.ts';

const pageBytes = 4096n;

/** What the one who asks knows of the machine that stands at the entry of a function. */
export interface ConformanceSite {
  /** The kind of VM whose vCPU is loaded, and the register that points to it. */
  readonly vm: 'N' | 'P';
  readonly vcpuRegister: 'x2' | 'x3';
  /** The VM's handle. */
  readonly handle: number;
  /** Pages of the host that nobody uses, by number. */
  readonly pfns: readonly bigint[];
  /** Frames of the guest that have a table and no page. */
  readonly gfns: readonly [bigint, ...bigint[]];
  /** Memory that is faster to read than over the stub. */
  readonly look?: Look;
}

/** Reads of a machine over its stub, a page at a time; nothing is kept between two. */
const lookOver =
  ({ gdb }: Hypervisor): Look =>
  async compute => {
    const { memory } = await gathered(gdb, compute);
    return compute(memory);
  };

/** Where everything lies on a machine whose host is at EL2: its registers are those of the host. @throws LiveError */
export async function placesOf({
  gdb,
  symbols,
  offset,
}: Hypervisor): Promise<WitnessPlaces & { readonly vtcr: bigint }> {
  const { start, end } = arm64Recorded.memblocks[0];
  if (symbols.pool !== arm64Recorded.hypPool.start)
    throw new LiveError(
      `${gdb.name}: calls are compared on a machine of 512 MBytes at 1 GByte, whose pool begins at 0x${arm64Recorded.hypPool.start.toString(16)}`,
    );
  const vtcr = await gdb.readRegister('VTCR_EL2');
  const host = stage2Of(await gdb.readRegister('VTTBR_EL2'), vtcr);
  if (!host.ok) throw new LiveError(`${gdb.name}: ${host.why}`);
  return {
    vmemmap: arm64Recorded.hypPool.start,
    firstPfn: start / pageBytes,
    pageCount: (end - start) / pageBytes,
    host: host.stage2,
    el2: el2TableOf(await gdb.readRegister('TTBR0_EL2'), await gdb.readRegister('TCR_EL2')),
    offset,
    vtcr,
  };
}

/** The names of processors by the part number of MIDR_EL1, which the kernel shows its guests in VPIDR_EL2 as it is. */
const parts: Readonly<Record<number, string>> = {
  0xd03: 'cortex-a53',
  0xd07: 'cortex-a57',
  0xd08: 'cortex-a72',
  0xd0b: 'cortex-a76',
  0xd0c: 'neoverse-n1',
};

/** Under hVHE the emulator wipes the wrong page: facts/arm64-record.md 4. */
export async function machineOf({
  gdb,
}: Hypervisor): Promise<{ readonly cpu: string; readonly mode: string }> {
  const midr = await gdb.readRegister('VPIDR_EL2');
  const hcr = await gdb.readRegister('HCR_EL2');
  const isE2h = (hcr / 2n ** 34n) % 2n === 1n;
  const part = Number((midr / 16n) % 4096n);
  const cpu = parts[part];
  // whether execution can be granted at one exception level alone goes by the name
  if (cpu === undefined)
    throw new LiveError(
      `${gdb.name}: a processor of part 0x${part.toString(16)}: calls are compared on ${Object.values(parts).join(', ')}`,
    );
  return { cpu, mode: isE2h ? 'hVHE' : 'nVHE' };
}

/** The VM of a vCPU at EL2, and what is found of both. @throws LiveError where the memory there holds no vCPU */
async function vcpuAt(
  { gdb, offset }: Hypervisor,
  { vcpu, vtcr, look }: { readonly vcpu: bigint; readonly vtcr: bigint; readonly look: Look },
): Promise<{ readonly vm: bigint; readonly memcache: bigint; readonly guest: Stage2 }> {
  const ram = arm64Recorded.memblocks[0];
  const physical = (address: bigint): bigint => BigInt.asUintN(64, address + offset);
  // `struct kvm_vcpu` begins with its `struct kvm`, with which `struct pkvm_hyp_vm` begins
  const vm = await look(memory => memory.read(physical(vcpu)));
  const memcache = await look(memory => memcacheIn(memory, physical(vcpu), ram));
  const guest = vm && (await look(memory => guestTableIn(memory, physical(vm), vtcr, ram)));
  if (vm === undefined || memcache === undefined || guest === undefined || guest === 0n)
    throw new LiveError(`${gdb.name}: no vCPU with a memcache and a table at 0x${vcpu.toString(16)}`);
  return { vm, memcache, guest };
}

/** The VM that was made first has the first handle; how a recording says it. */
export const runNamed = (vm: 'N' | 'P', handle: number): string =>
  (handle === arm64Recorded.firstHandle) === (vm === 'P') ? 'pn' : 'np';

/** All that a run of generated calls needs, at the entry of a function of the hypervisor. @throws LiveError */
export async function conformanceAt(
  hypervisor: Hypervisor,
  site: ConformanceSite,
): Promise<Omit<ConformanceOptions, 'calls' | 'seed'>> {
  const { gdb, symbols, offset } = hypervisor;
  const look = site.look ?? lookOver(hypervisor);
  const { vtcr, ...places } = await placesOf(hypervisor);
  const vcpu = await gdb.readRegister(site.vcpuRegister);
  const { vm, memcache, guest } = await vcpuAt(hypervisor, { vcpu, vtcr, look });
  const text = physicalOf(symbols, '__kvm_nvhe___pkvm_host_share_hyp');
  if (text === undefined) throw new LiveError(`${gdb.name}: the kernel has no __pkvm_host_share_hyp`);
  const pages = Object.fromEntries(
    site.pfns.slice(0, 5).map((pfn, at) => ['ABCDE'[at] ?? '', pfn] as const),
  );
  const foreign = { K: places.host.root / pageBytes, T: text / pageBytes, X: 0x100n };
  const { gfns } = site;
  return {
    look,
    pointers: { vcpu, vm, mapped: pfn => BigInt.asUintN(64, pfn * pageBytes - offset) },
    world: { vm: site.vm, pages, foreign, gfns, beyond: 2n ** BigInt(guest.inputBits - 12) },
    observed: { vm: site.vm, places, pages: { ...pages, ...foreign }, gfns, guest, memcache },
    machine: {
      ...(await machineOf(hypervisor)),
      run: runNamed(site.vm, site.handle),
      ipa_bits: guest.inputBits,
    },
  };
}
