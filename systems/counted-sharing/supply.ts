import type { TablePages } from '../../model/pkvm/counted/index.ts';

/** The pages that the tables of a VM are made of, during one call. */
export interface TableSupply {
  /** There are always enough: nothing is counted. */
  readonly isBoundless: boolean;
  /** `false`, and none taken, where there are fewer. */
  take(count: number, pages: TablePages): boolean;
  give(count: number): void;
  /** Runs `body` and takes back what it took and gave. */
  tried<T>(body: () => T): T;
}

export const boundless: TableSupply = {
  isBoundless: true,
  take: () => true,
  give: () => undefined,
  tried: body => body(),
};

/** Pool and memcache are empty: only what the call itself frees can be taken, and goes to the pool. */
export function empty(): TableSupply {
  let pool = 0;
  return {
    isBoundless: false,
    take: count => {
      if (pool < count) return false;
      pool -= count;
      return true;
    },
    give: count => {
      pool += count;
    },
    tried: body => {
      const before = pool;
      try {
        return body();
      } finally {
        pool = before;
      }
    },
  };
}
