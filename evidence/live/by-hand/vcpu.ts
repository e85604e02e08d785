import { type Stage2, stage2Of } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';

const pageBytes = 4096n;
/** More than a vCPU or a VM takes at EL2. */
const longest = 0x8000n;
/** More pages than a memcache is ever filled to: a table of every level, and some. */
const mostPages = 16n;

/** Where the machine's memory begins and ends. */
interface Ram {
  readonly start: bigint;
  readonly end: bigint;
}
const isPage = ({ start, end }: Ram, address: bigint): boolean =>
  address % pageBytes === 0n && address >= start && address < end;

/**
 * Finds the memcache of a vCPU: the physical address of its first page and how many there are, each page beginning with the
 * address of the next. Where it lies in the structure no symbol says; a chain of the right length does.
 *
 * @param vcpu the physical address of `struct pkvm_hyp_vcpu`
 * @returns the physical address of the number of pages; `undefined` where nothing looks like one
 */
export function memcacheIn(memory: PhysicalMemory, vcpu: bigint, ram: Ram): bigint | undefined {
  for (let at = vcpu; at < vcpu + longest; at += 8n) {
    const [head, count] = [memory.read(at) ?? 0n, memory.read(at + 8n) ?? 0n];
    if (!isPage(ram, head) || count < 2n || count > mostPages) continue;
    const seen = new Set<bigint>();
    let page = head;
    while (isPage(ram, page) && !seen.has(page) && seen.size < Number(count)) {
      seen.add(page);
      page = memory.read(page) ?? 0n;
    }
    if (seen.size === Number(count) && !isPage(ram, page)) return at + 8n;
  }
  return undefined;
}

/**
 * Finds the stage-2 table of a VM: `struct kvm_s2_mmu` has the root's physical address, a pointer, and VTCR_EL2 one after
 * the other, and all VMs have the host's VTCR_EL2.
 *
 * @param vm the physical address of `struct pkvm_hyp_vm`
 */
export function guestTableIn(
  memory: PhysicalMemory,
  vm: bigint,
  vtcr: bigint,
  ram: Ram,
): Stage2 | undefined {
  for (let at = vm; at < vm + longest; at += 8n) {
    const root = memory.read(at) ?? 0n;
    if (!isPage(ram, root) || memory.read(at + 16n) !== vtcr) continue;
    const read = stage2Of(root, vtcr);
    if (read.ok) return read.stage2;
  }
  return undefined;
}
