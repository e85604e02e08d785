import { addressHex } from '../../../model/bits/index.ts';

/** The table of the host, or of the VM with this number. */
export type CountedTable = 'host' | number;

/** Something that a call may read or change: the record of a page, a leaf, or whether the hypervisor maps the page. */
export type Place =
  | { readonly kind: 'record'; readonly address: bigint }
  | { readonly kind: 'leaf'; readonly table: CountedTable; readonly address: bigint }
  | { readonly kind: 'el2'; readonly address: bigint };

/** `record 0x400000`, `host 0x400000`, `guest 2 0x10000`, `el2 0x400000`. */
export function placeText(place: Place): string {
  const address = addressHex(place.address);
  if (place.kind !== 'leaf') return `${place.kind} ${address}`;
  return place.table === 'host' ? `host ${address}` : `guest ${place.table} ${address}`;
}

/** What stands at a place: a word, and of a leaf its level; 1 where the hypervisor maps the page. */
export interface Held {
  readonly word: bigint;
  readonly level?: number;
}

/** A leaf as far as it lies in a range. */
export interface LeafSpan extends Held {
  readonly start: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** A place that a call changed; of a large leaf so many bytes of it. */
export interface PlaceChange {
  readonly place: Place;
  readonly size: bigint;
  readonly before: Held;
  readonly after: Held;
}

/** What somebody saw at a place. What is left out was not observed, and is not compared. */
export interface PlaceSeen {
  readonly place: Place;
  readonly word?: bigint;
  readonly level?: number;
  /** Fields of a record, by the name that the layout has. */
  readonly fields?: Readonly<Record<string, number>>;
}
