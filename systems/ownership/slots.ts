import type { Slot } from '../../checker/index.ts';
import { mmioLeaf, OwnerId } from '../../model/pkvm/index.ts';
import type { OwnershipSlots } from '../../properties/ownership-slots.ts';
import { leafTables, ownershipSlots } from '../pages/leaf-tables.ts';
import { type Numbering, type Places, placesOf, plain } from '../pages/places.ts';
import type { OwnershipSize } from './size.ts';

/** A system's words and the guests whose words they are. */
export interface OwnershipWorld extends OwnershipSlots, Places {
  readonly slots: readonly Slot[];
}

/** Guests numbered from there, everything else as usual. */
export const guestsFrom = (first: number = OwnerId.firstGuest): Numbering => ({
  ...plain,
  guest: at => first + at,
});

/** Lays out the words: all RAM owned by the host, nothing mapped in any guest. Seed 004, "Initially, all pages". */
export function ownershipWorld(size: OwnershipSize, numbering: Numbering = plain): OwnershipWorld {
  const isOwn = size.gpas === 'own';
  const places = placesOf({ ...size, gpas: size.gpas === 'own' ? size.pages : size.gpas }, numbering);
  const tables = leafTables(places, { mmioLeaf });
  const { host, guest, vms } = ownershipSlots(places, tables);
  const onlyPage = (gpa: bigint): { readonly onlyPage?: bigint } =>
    isOwn && size.range === 1 ? { onlyPage: places.pages[places.gpas.indexOf(gpa)] ?? 0n } : {};
  return {
    ...places,
    vms,
    host,
    guest: guest.map(leaf => ({ ...leaf, ...onlyPage(leaf.gpa) })),
    slots: tables.slots,
  };
}

/** With own gpas and calls of one page, everything about a page is in these slots and nowhere else. */
export function pageGroups({ host, guest, pages, gpas }: OwnershipWorld): Slot[][] {
  return pages.map((page, at) =>
    [...host.filter(entry => entry.page === page), ...guest.filter(entry => entry.gpa === gpas[at])].map(
      ({ slot }) => slot,
    ),
  );
}
