import type { Slot, Sorts } from '../../checker/index.ts';
import { isGuestId, mmioLeaf, OwnerId } from '../../model/pkvm/index.ts';
import type { OwnershipSlots } from '../../properties/ownership-slots.ts';
import type { Ids } from '../define.ts';
import { leafTables, ownershipSlots } from '../pages/leaf-tables.ts';
import { adversarial, type Numbering, type Places, placesOf, plain } from '../pages/places.ts';
import { callShape, PageMembers, sortedLeaves, sortsOf } from '../pages/sorts.ts';
import type { OwnershipSize } from './size.ts';

/** A system's words and the guests whose words they are. */
export interface OwnershipWorld extends OwnershipSlots, Places {
  readonly slots: readonly Slot[];
}

/** How the members are called; a fault may need guests that are numbered from some other id. */
export function numberingOf(ids: Ids, firstGuest: number = OwnerId.firstGuest): Numbering {
  if (ids === 'plain') return { ...plain, guest: at => firstGuest + at };
  if (isGuestId(firstGuest)) return adversarial;
  return { ...adversarial, guest: at => (at === 0 ? firstGuest : adversarial.guest(at - 1)) };
}

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

/** What everything is made of: pages, guest pages and guests of both kinds. */
export function ownershipSorts(world: OwnershipWorld): Sorts {
  const members = new PageMembers(world);
  return sortsOf(members, sortedLeaves(members, world), action => callShape(members, action));
}
