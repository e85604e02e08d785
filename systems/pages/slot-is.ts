import type { Slot, SlotIs } from '../../checker/index.ts';
import type { Table } from './table.ts';

/** A word that is the leaf of an address in some table. */
export interface LeafIs extends SlotIs {
  readonly kind: 'leaf';
  readonly table: Table;
  readonly address: bigint;
  /** Of the host's leaves: whether the page is RAM. */
  readonly isRam: boolean;
}

/** What is known of a page beside its leaves: `data`, `pinned`. */
export interface OfPageIs extends SlotIs {
  readonly kind: 'of page';
  readonly what: string;
  readonly address: bigint;
}

export const isLock: SlotIs = { kind: 'lock' };
/** What a CPU is in the middle of: its name is the name of the actor of its steps. */
export const isCpu: SlotIs = { kind: 'cpu' };

const isKind = <I extends SlotIs>(is: SlotIs | undefined, kind: I['kind']): is is I => is?.kind === kind;

/** The leaf that a slot is; `undefined` for any other slot. */
export const leafIn = ({ is }: Slot): LeafIs | undefined => (isKind<LeafIs>(is, 'leaf') ? is : undefined);

/** The page that a slot tells more about; `undefined` for any other slot. */
export const ofPageIn = ({ is }: Slot): OfPageIs | undefined =>
  isKind<OfPageIs>(is, 'of page') ? is : undefined;
