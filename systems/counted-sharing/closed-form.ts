import { arrangements, choose } from '../pages/combinations.ts';
import type { CountedSize } from './size.ts';

type Counted = Pick<
  CountedSize,
  'pages' | 'gpas' | 'protected' | 'normal' | 'counts' | 'devices' | 'mmio' | 'prots' | 'hyp' | 'readOnly'
>;

/** In how many ways `leaves` leaves can borrow so many pages, each at least one and at most `counts`, with any rights. */
function borrowings(leaves: number, pages: number, limits: Pick<Counted, 'counts' | 'prots'>): number {
  if (pages === 0) return 1;
  const { counts, prots } = limits;
  let ways = 0;
  for (let here = 1; here <= Math.min(counts, leaves); here += 1)
    ways += choose(leaves, here) * prots ** here * borrowings(leaves - here, pages - 1, limits);
  return ways;
}

/**
 * How many states the strict system has, without exploring it. A protected VM is finalized or not. A page that no guest
 * has is the host's with its pins, shared with the hypervisor or not, or the hypervisor's; one that normal VMs borrow
 * has its pins and 1 to `counts` leaves; one that a protected VM has stands at one leaf of a finalized VM, shared with
 * the host or not. MMIO is kept or mapped.
 */
export function stateCount(size: Counted): number {
  const { pages, gpas, protected: guarded, normal, counts, devices, mmio, hyp, readOnly } = size;
  const pins = Math.min(devices, counts) + 1;
  const alone = hyp ? pins * (1 + counts) + (readOnly ? 2 : 1) : pins;
  let sum = 0;
  for (let finalized = 0; finalized <= guarded; finalized += 1)
    for (let owned = 0; owned <= Math.min(pages, finalized * gpas); owned += 1)
      for (let borrowed = 0; borrowed <= pages - owned; borrowed += 1)
        sum +=
          choose(guarded, finalized) *
          choose(pages, owned) *
          arrangements(finalized * gpas, owned) *
          2 ** owned *
          choose(pages - owned, borrowed) *
          borrowings(normal * gpas, borrowed, size) *
          pins ** borrowed *
          alone ** (pages - owned - borrowed);
  return sum * 2 ** mmio;
}
