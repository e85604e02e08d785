import type { MachineState } from '../../machines/arrow.ts';
import type { countedPage } from '../../machines/counted-page.ts';
import { CountedOwner, CountedState, recordOf, showRecord } from '../../model/pkvm/counted/index.ts';

/** A box of the picture of one page's life, with its counts. */
export type PageBox = MachineState<typeof countedPage>;

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST, PKVM_ID_HYP, PKVM_ID_GUEST } = CountedOwner;

function stateOf(word: bigint): PageBox['value'] | undefined {
  const { hostState, owner, hypShares } = recordOf(word);
  const is = (state: number, by: number): boolean => hostState === state && owner === by;
  if (is(PKVM_PAGE_OWNED, PKVM_ID_HOST)) return 'owned';
  if (is(PKVM_PAGE_SHARED_OWNED, PKVM_ID_HOST))
    return hypShares > 0 ? 'shared_with_hyp' : 'shared_with_guests';
  if (is(PKVM_PAGE_NONE, PKVM_ID_HYP)) return 'hyp';
  if (is(PKVM_PAGE_SHARED_BORROWED, PKVM_ID_HYP)) return 'hyp_read_only';
  if (is(PKVM_PAGE_NONE, PKVM_ID_GUEST)) return 'guest';
  return is(PKVM_PAGE_SHARED_BORROWED, PKVM_ID_GUEST) ? 'guest_shared' : undefined;
}

/** The box that a record is in, by itself; a sentence where it is in none. `max`: what its counters can hold. */
export function boxOf(word: bigint, max: number): PageBox | string {
  const value = stateOf(word);
  if (value === undefined) return `a record of ${showRecord(word)} is no state of a page`;
  const { hypShares, guestShares, refcount } = recordOf(word);
  return { value, context: { shares: hypShares + guestShares, pins: refcount, max } };
}

export const isSameBox = (one: PageBox, other: PageBox): boolean =>
  one.value === other.value &&
  one.context.shares === other.context.shares &&
  one.context.pins === other.context.pins;

/** A box for a person: `shared_with_guests (2 shares, 1 pins)`. */
export const showBox = ({ value, context: { shares, pins } }: PageBox): string =>
  shares + pins === 0 ? value : `${value} (${shares} shares, ${pins} pins)`;
