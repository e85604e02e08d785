import type { Instance, Property, Read, Verdict } from '../checker/index.ts';
import { addressHex, wordHex } from '../model/bits/index.ts';
import { PageState } from '../model/pkvm/index.ts';
import type { IsolationView, PlacedClaims } from './isolation-view.ts';
import { pageSentences } from './page-claims.ts';
import { all, eachStep, recoverable } from './sentence.ts';
import { seed } from '../model/citation.ts';
import { pkvmInvariant } from './origin.ts';

/** Ownership as the tables claim it, whatever the size of their leaves: what `isolation` keeps of `ownership`. */
export function claimProperties(view: IsolationView): readonly Property[] {
  const everyPage = (holds: (claims: PlacedClaims) => Verdict): Instance[] =>
    view.pages.map(page => ({
      about: `page ${addressHex(page)}`,
      holds: (read: Read) => holds(view.claims(read, page)),
    }));

  return [
    ...pageSentences(everyPage),
    recoverable(
      'the host can get every page back',
      { source: seed('004', 'before undonate back to host') },
      view.pages.map(page => ({
        about: `page ${addressHex(page)}`,
        holds: (read: Read) => view.claims(read, page).hostState === PageState.PKVM_PAGE_OWNED,
      })),
    ),
  ];
}

/** A call changes the leaves of the pages that it names and of no others: what splitting a large leaf must keep. */
export const namedPagesOnly = (view: IsolationView): Property =>
  eachStep(
    'a call changes the leaves of the pages that it names, and splitting a large leaf keeps all others',
    pkvmInvariant('I12'),
    ({ action, before, after, changed }) => {
      // invalidation drops a large leaf whole: facts/pkvm.md 1.1, "unmap_nosplit"
      if (changed.length === 0 || action.name === 'invalidate_range') return true;
      const { hpa, gpa, size } = action.args;
      const isNamed = (address: bigint, first: unknown): boolean =>
        typeof first === 'bigint' && typeof size === 'bigint' && address >= first && address < first + size;
      const [firstPage] = view.pages;
      const [firstGpa] = view.gpas;
      if (firstPage === undefined || firstGpa === undefined) return true;
      // in a region, a page and its gpa lie at the same distance from the start
      const namesPage = (page: bigint): boolean =>
        isNamed(page, hpa) || isNamed(page - firstPage + firstGpa, gpa);
      return all([
        ...view.pages
          .filter(page => !namesPage(page))
          .map(page => {
            const [was, is] = [view.hostLeaf(before, page), view.hostLeaf(after, page)];
            return [
              was === is,
              `the host leaf of ${addressHex(page)} went from ${wordHex(was)} to ${wordHex(is)}`,
            ] as const;
          }),
        ...view.lives.flatMap(({ id }) =>
          view.gpas
            .filter(address => !isNamed(address, gpa))
            .map(address => {
              const [was, is] = [view.guestLeaf(before, id, address), view.guestLeaf(after, id, address)];
              return [was === is, `the leaf of ${addressHex(address)} in guest ${id} changed`] as const;
            }),
        ),
      ]);
    },
  );
