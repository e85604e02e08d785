import type { Slot } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import type { Contents } from '../../model/pkvm/index.ts';
import type { Places } from './places.ts';
import type { OfPageIs } from './slot-is.ts';

/** What each RAM page holds. At first all of it is the host's, and the host may have written anything. */
export const contentsSlots = ({ pages }: Pick<Places, 'pages'>): ReadonlyMap<bigint, Slot<Contents>> =>
  new Map(
    pages.map(page => {
      const is: OfPageIs = { kind: 'of page', what: 'data', address: page };
      return [page, { name: `data[${addressHex(page)}]`, initial: 'public', is }];
    }),
  );
