import type { Instance, Read, Verdict } from '../../checker/index.ts';
import { guardedPage } from '../../model/citation.ts';
import { permitsWrite } from '../../model/kvm/index.ts';
import { PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import type { Given, GuardedView, GuestPageView } from './view.ts';

/** One of the ten rules of `docs/guarded-page.md`, by its number and its words. */
export const rule = (
  number: number,
  words: string,
): { readonly id: string; readonly source: ReturnType<typeof guardedPage> } => ({
  id: `G${number}`,
  source: guardedPage('The ten rules', words),
});

/** Whether what was given lets the guest write a sub-page of this page. */
export const givesWrite = ({ leaf, vector }: Given, page: bigint, subPage: number): boolean =>
  viewOf(leaf).page === page && PkvmLeaf.get(leaf, 'write') && permitsWrite(vector, subPage);

/** One member of a family for each guest page. */
export const eachGuestPage = (
  { guestPages }: GuardedView,
  holds: (read: Read, page: GuestPageView) => boolean | Verdict,
): Instance[] => guestPages.map(page => ({ about: page.about, holds: read => holds(read, page) }));
