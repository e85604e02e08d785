import type { AddressRange } from '../../../model/pkvm/index.ts';
import { guestStateOf } from './meaning.ts';
import type { Stage2Claim } from './page-rules.ts';
import type { Stage2Reading } from './read-stage2.ts';

const pageBytes = 4096n;

export interface Claims {
  readonly byPage: ReadonlyMap<bigint, readonly Stage2Claim[]>;
  /** Leaves that map something outside RAM, by their first page there. */
  readonly outside: ReadonlyMap<bigint, readonly Stage2Claim[]>;
}

/**
 * What the guests' leaves map, page by page within RAM: a block of a broken table may cover terabytes, so what lies
 * outside is kept as one claim a leaf.
 */
export function claimsOf(
  tables: readonly { readonly handle: number; readonly reading: Stage2Reading }[],
  ram: readonly AddressRange[],
): Claims {
  const byPage = new Map<bigint, Stage2Claim[]>();
  const outside = new Map<bigint, Stage2Claim[]>();
  for (const { handle, reading } of tables)
    for (const leaf of reading.leaves) {
      if (!leaf.isValid) continue;
      const state = guestStateOf(leaf.word);
      const claim = (page: bigint): Stage2Claim => ({
        handle,
        ipa: leaf.ipa + page - leaf.output,
        state,
        leaf,
      });
      const leafEnd = leaf.output + leaf.size;
      let covered = 0n;
      for (const range of ram) {
        const start = range.start > leaf.output ? range.start : leaf.output;
        const end = range.end < leafEnd ? range.end : leafEnd;
        if (end > start) covered += end - start;
        for (let page = start; page < end; page += pageBytes) add(byPage, page, claim(page));
      }
      if (covered < leaf.size) add(outside, leaf.output, claim(leaf.output));
    }
  return { byPage, outside };
}

function add(claims: Map<bigint, Stage2Claim[]>, page: bigint, claim: Stage2Claim): void {
  const others = claims.get(page);
  if (others === undefined) claims.set(page, [claim]);
  else others.push(claim);
}
