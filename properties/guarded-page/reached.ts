import type { Property, Read } from '../../checker/index.ts';
import { guardedPage } from '../../model/citation.ts';
import { isGuarded, PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import { sometimes } from '../sentence.ts';
import { eachGuestPage } from './rule.ts';
import type { GuardedView, GuestPageView } from './view.ts';

/** Nothing above holds vacuously. */
export function reached(view: GuardedView): Property[] {
  const some = (name: string, holds: (read: Read, page: GuestPageView) => boolean): Property =>
    sometimes(
      name,
      { source: guardedPage('The machine', 'a page without a vector, one with a vector that decides') },
      eachGuestPage(view, holds),
    );
  const isWaiting = (read: Read, page: GuestPageView): boolean =>
    isGuarded(page.leaf(read)) && !page.isWalked(read);
  return [
    some('a page is mapped without a vector', (read, page) => {
      const leaf = page.leaf(read);
      return viewOf(leaf).isPresent && !isGuarded(leaf);
    }),
    ...(view.canGuard
      ? [
          some('the next write to a guarded page misses', isWaiting),
          some(
            'a vector decides over a page',
            (read, page) => isGuarded(page.leaf(read)) && page.isWalked(read),
          ),
        ]
      : []),
    ...(view.lendsReadOnly
      ? [
          some('a page is mapped read-only', (read, page) => {
            const leaf = page.leaf(read);
            return viewOf(leaf).isPresent && !PkvmLeaf.get(leaf, 'write') && !isGuarded(leaf);
          }),
        ]
      : []),
  ];
}
