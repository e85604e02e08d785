import { arrangements, choose } from '../pages/combinations.ts';
import type { IsolationSize } from './size.ts';

/** What one page can be, with everything cached of it, by where it is mapped. */
interface PerPage {
  /** In no guest's table. */
  readonly free: number;
  /** At one gpa of one protected guest: owned by it, or shared back to the host. */
  readonly atProtected: number;
  /** At one gpa of one normal guest: shared with it. */
  readonly atNormal: number;
}

function perPage({ cpus, dma, protected: guests }: IsolationSize): PerPage {
  // a page that the host maps is cached or not, by each CPU and by the IOMMU (where it is mapped for DMA at all)
  const device = { none: 1, 'host-ept': 2, 'own-table': 3 }[dma];
  const byHost = 2 ** cpus * device;
  const byGuest = 2 ** cpus;
  // zero after a guest returned it, otherwise public; a page that a protected guest keeps may hold its secret, too
  const known = guests > 0 ? 2 : 1;
  return {
    free: byHost * known,
    atProtected: byGuest * 3 + byHost * byGuest * known,
    atNormal: byHost * byGuest * known,
  };
}

/**
 * The number of reachable states without life cycle and without region: pages are placed at different gpas or at
 * none, each with its own contents and caches; beside them stand what each CPU runs and whether MMIO is mapped and
 * cached. That every such state is reached, and no other, is what the exploration's count is held against.
 *
 * @throws RangeError for a size with a life cycle or a region, which have no such product.
 */
export function stateCount(size: IsolationSize): number {
  if (size.hasLifecycle || size.isRegion)
    throw new RangeError('only sizes without life cycle and region have a closed form');
  const { free, atProtected, atNormal } = perPage(size);
  const { pages, cpus } = size;
  const places = { atProtected: size.protected * size.gpas, atNormal: size.normal * size.gpas };
  let sum = 0;
  for (let some = 0; some <= Math.min(pages, places.atProtected); some++) {
    for (let others = 0; others <= Math.min(pages - some, places.atNormal); others++) {
      sum +=
        choose(pages, some) *
        choose(pages - some, others) *
        arrangements(places.atProtected, some) *
        arrangements(places.atNormal, others) *
        atProtected ** some *
        atNormal ** others *
        free ** (pages - some - others);
    }
  }
  const running = (1 + size.protected + size.normal) ** cpus;
  // the registers of the IOMMU are never mapped; the other MMIO page is not, or is and is cached by some
  const mmio = size.mmio > 0 ? 1 + 2 ** cpus : 1;
  return sum * running * mmio;
}
