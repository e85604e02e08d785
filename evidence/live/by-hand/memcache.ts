import type { PhysicalMemory } from '../../../model/memory/index.ts';

const pageBytes = 4096n;
/** More than a vCPU takes at EL2. */
const longestVcpu = 0x8000n;
/** More pages than a memcache is ever filled to: a table of every level, and some. */
const mostPages = 16n;

/**
 * Finds the memcache of a vCPU: the physical address of its first page and how many there are, each page beginning with the
 * address of the next. Where it lies in the structure no symbol says; a chain of the right length does.
 *
 * @returns the physical address of the number of pages; `undefined` where nothing looks like one
 */
export function memcacheIn(
  memory: PhysicalMemory,
  vcpu: bigint,
  ram: { readonly start: bigint; readonly end: bigint },
): bigint | undefined {
  const isPage = (address: bigint): boolean =>
    address % pageBytes === 0n && address >= ram.start && address < ram.end;
  for (let at = 0n; at < longestVcpu; at += 8n) {
    const [head, count] = [memory.read(vcpu + at) ?? 0n, memory.read(vcpu + at + 8n) ?? 0n];
    if (!isPage(head) || count < 2n || count > mostPages) continue;
    const seen = new Set<bigint>();
    let page = head;
    while (isPage(page) && !seen.has(page) && seen.size < Number(count)) {
      seen.add(page);
      page = memory.read(page) ?? 0n;
    }
    if (seen.size === Number(count) && !isPage(page)) return vcpu + at + 8n;
  }
  return undefined;
}
