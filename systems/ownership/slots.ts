import type { Slot } from '../../checker/index.ts';
import { EptMemoryType } from '../../model/ept/entry.ts';
import {
  hostLeaf,
  NEVER_MAPPED,
  OwnerId,
  PAGE_SIZE,
  PageState,
  PkvmLeaf,
  PROT_RWX,
  showLeaf,
  type Vm,
} from '../../model/pkvm/index.ts';
import type { OwnershipSlots } from '../../properties/ownership-slots.ts';
import type { OwnershipSize } from './size.ts';

/** Where the pages of the model lie, so that an hpa, a gpa and an MMIO page are never mistaken for one another. */
const FIRST_HPA = 0x3000n;
const FIRST_GPA = 0x1_0000n;
const FIRST_MMIO = 0xfee0_0000n;

/** A system's words and the guests whose words they are. */
export interface OwnershipWorld extends OwnershipSlots {
  readonly pages: readonly bigint[];
  readonly gpas: readonly bigint[];
  readonly mmio: readonly bigint[];
  readonly slots: readonly Slot[];
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const pagesFrom = (first: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => first + BigInt(at) * PAGE_SIZE);

const mmioLeaf = (page: bigint): bigint =>
  PkvmLeaf.encode({
    ...PROT_RWX,
    memoryType: EptMemoryType.UC,
    page,
    pageState: PageState.PKVM_PAGE_OWNED,
  });

/** Lays out the words: all RAM owned by the host, nothing mapped in any guest. Seed 004, "Initially, all pages". */
export function ownershipWorld(
  size: OwnershipSize,
  firstGuestId: number = OwnerId.firstGuest,
): OwnershipWorld {
  const ids = Array.from({ length: size.protected + size.normal }, (_, at) => firstGuestId + at);
  const vms: Vm[] = ids.map((id, at) => ({ id, kind: at < size.protected ? 'protected' : 'normal' }));
  const pages = pagesFrom(FIRST_HPA, size.pages);
  const gpas = pagesFrom(FIRST_GPA, size.gpas === 'own' ? size.pages : size.gpas);
  const mmio = pagesFrom(FIRST_MMIO, size.mmio);
  const hostSlot = (page: bigint, initial: bigint): Slot<bigint> => ({
    name: `host[${hex(page)}]`,
    initial,
    show: leaf => showLeaf(leaf, 'host'),
  });
  const host = [
    ...pages.map(page => ({
      page,
      isRam: true,
      slot: hostSlot(page, hostLeaf(page, PageState.PKVM_PAGE_OWNED)),
    })),
    ...mmio.map(page => ({ page, isRam: false, slot: hostSlot(page, mmioLeaf(page)) })),
  ];
  const guest = vms.flatMap(({ id }) =>
    gpas.map((gpa, at) => ({
      vm: id,
      gpa,
      ...(size.gpas === 'own' && size.range === 1 ? { onlyPage: pages[at] ?? 0n } : {}),
      slot: {
        name: `guest${id}[${hex(gpa)}]`,
        initial: NEVER_MAPPED as bigint,
        show: (leaf: bigint) => showLeaf(leaf, 'guest'),
      },
    })),
  );
  return { vms, pages, gpas, mmio, host, guest, slots: [...host, ...guest].map(({ slot }) => slot) };
}

/** With own gpas and calls of one page, everything about a page is in these slots and nowhere else. */
export function pageGroups({ host, guest, pages, gpas }: OwnershipWorld): Slot[][] {
  return pages.map((page, at) =>
    [...host.filter(entry => entry.page === page), ...guest.filter(entry => entry.gpa === gpas[at])].map(
      ({ slot }) => slot,
    ),
  );
}
