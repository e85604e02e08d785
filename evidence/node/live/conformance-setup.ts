import { type Stage2, stage2Of } from '../../../model/arm64/index.ts';
import { arm64Recorded } from '../../records/arm64-live.ts';
import { gathered, LiveError, physicalOf } from '../../live/index.ts';
import { memcacheIn } from '../../live/by-hand/memcache.ts';
import { el2TableOf } from '../../live/by-hand/witness.ts';
import type { ConformanceOptions, Look } from './conformance.ts';
import type { Hypervisor } from './hypervisor.ts';

const pageBytes = 4096n;

/** What the one who asks knows of the machine that stands at the entry of a function. */
export interface ConformanceSite {
  /** The kind of VM whose vCPU is loaded, and the register that points to it. */
  readonly vm: 'N' | 'P';
  readonly vcpuRegister: 'x2' | 'x3';
  readonly guest: { readonly handle: number; readonly vttbr: bigint; readonly vtcr: bigint };
  /** Pages of the host that nobody uses, by number. */
  readonly pfns: readonly bigint[];
  /** Frames of the guest that have a table and no page. */
  readonly gfns: readonly [bigint, ...bigint[]];
  /** Memory that is faster to read than over the stub. */
  readonly look?: Look;
}

/** Reads of a machine over its stub, a page at a time; nothing is kept between two. */
export const lookOver =
  ({ gdb }: Hypervisor): Look =>
  async compute => {
    const { memory } = await gathered(gdb, compute);
    return compute(memory);
  };

function tableOf(name: string, vttbr: bigint, vtcr: bigint): Stage2 {
  const read = stage2Of(vttbr, vtcr);
  if (!read.ok) throw new LiveError(`${name}: ${read.why}`);
  return read.stage2;
}

/** The names of processors by the part number of MIDR_EL1. */
const parts: Readonly<Record<number, string>> = {
  0xd03: 'cortex-a53',
  0xd07: 'cortex-a57',
  0xd08: 'cortex-a72',
  0xd0b: 'cortex-a76',
  0xd0c: 'neoverse-n1',
};

/** Under hVHE the emulator wipes the wrong page: facts/arm64-record.md 4. */
async function machineOf({ gdb }: Hypervisor): Promise<{ readonly cpu: string; readonly mode: string }> {
  const midr = gdb.hasRegister('MIDR_EL1') ? await gdb.readRegister('MIDR_EL1') : 0n;
  const hcr = await gdb.readRegister('HCR_EL2');
  const isE2h = (hcr / 2n ** 34n) % 2n === 1n;
  return { cpu: parts[Number((midr / 16n) % 4096n)] ?? 'unknown', mode: isE2h ? 'hVHE' : 'nVHE' };
}

/** All that a run of generated calls needs, at the entry of a function of the hypervisor. @throws LiveError */
export async function conformanceAt(
  hypervisor: Hypervisor,
  site: ConformanceSite,
): Promise<Omit<ConformanceOptions, 'calls' | 'seed'>> {
  const { gdb, symbols, offset } = hypervisor;
  const { start, end } = arm64Recorded.memblocks[0];
  if (symbols.pool !== arm64Recorded.hypPool.start)
    throw new LiveError(
      `${gdb.name}: calls are compared on a machine of 512 MBytes at 1 GByte, whose pool begins at 0x${arm64Recorded.hypPool.start.toString(16)}`,
    );
  const look = site.look ?? lookOver(hypervisor);
  const register = (name: string): Promise<bigint> => gdb.readRegister(name);
  const host = tableOf('the host', await register('VTTBR_EL2'), await register('VTCR_EL2'));
  const guest = tableOf('the guest', site.guest.vttbr, site.guest.vtcr);
  const vcpu = await register(site.vcpuRegister);
  const physical = BigInt.asUintN(64, vcpu + offset);
  const vm = await look(memory => memory.read(physical));
  const memcache = await look(memory => memcacheIn(memory, physical, { start, end }));
  const text = physicalOf(symbols, '__kvm_nvhe___pkvm_host_share_hyp');
  if (vm === undefined || memcache === undefined || text === undefined)
    throw new LiveError(`${gdb.name}: no vCPU with a memcache at 0x${physical.toString(16)}`);
  const pages = Object.fromEntries(
    site.pfns.slice(0, 5).map((pfn, at) => ['ABCDE'[at] ?? '', pfn] as const),
  );
  const foreign = { K: host.root / pageBytes, T: text / pageBytes, X: 0x100n };
  const { cpu, mode } = await machineOf(hypervisor);
  const isFirst = site.guest.handle === arm64Recorded.firstHandle;
  return {
    look,
    pointers: {
      vcpu,
      vm,
      mapped: pfn => BigInt.asUintN(64, pfn * pageBytes - offset),
    },
    world: {
      vm: site.vm,
      pages,
      foreign,
      gfns: site.gfns,
      beyond: 2n ** BigInt(guest.inputBits - 12),
    },
    observed: {
      vm: site.vm,
      places: {
        vmemmap: arm64Recorded.hypPool.start,
        firstPfn: start / pageBytes,
        pageCount: (end - start) / pageBytes,
        host,
        guest,
        el2: el2TableOf(await register('TTBR0_EL2'), await register('TCR_EL2')),
        offset,
      },
      pages: { ...pages, ...foreign },
      gfns: site.gfns,
      memcache,
    },
    machine: {
      // the VM that was made first has the first handle
      run: isFirst === (site.vm === 'P') ? 'pn' : 'np',
      cpu,
      mode,
      ipa_bits: guest.inputBits,
    },
  };
}
