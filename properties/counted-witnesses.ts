import type { Property, Read } from '../checker/index.ts';
import { facts, type Source } from '../model/citation.ts';
import { CountedOwner, CountedState, leafValue, type PageRecord } from '../model/pkvm/counted/index.ts';
import type { CountedPageView, CountedView, MappedBy } from './counted-view.ts';
import { sometimes } from './sentence.ts';

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HYP, PKVM_ID_GUEST } = CountedOwner;

const pair = (words: string): Source => facts.pkvm2026('1.1', words);

/**
 * Every kind of sharing is reached, so that the sentences are not true of nothing. What takes two counts, a second VM
 * or a device is asked for only where the size has them.
 */
export function countedWitnesses(view: CountedView): readonly Property[] {
  const { countMax, has } = view;
  const reached = (
    name: string,
    source: Source,
    holds: (record: PageRecord, read: Read, page: CountedPageView) => boolean,
  ): Property =>
    sometimes(
      name,
      { source },
      view.pages.map(page => ({ about: page.about, holds: read => holds(page.record(read), read, page) })),
    );
  const sharedTwice = (read: Read, page: CountedPageView): readonly MappedBy[] =>
    page.mappedBy(read).filter(({ state }) => state === PKVM_PAGE_SHARED_BORROWED);
  const protectedVms = view.vms.filter(({ isProtected }) => isProtected);
  const normalLeaves = view.leaves.filter(({ isProtected }) => !isProtected);
  return [
    ...(has.hyp
      ? [
          reached(
            'the hypervisor has a page that the host does not map',
            pair('NONE/HYP'),
            ({ hostState, owner }) => hostState === PKVM_PAGE_NONE && owner === PKVM_ID_HYP,
          ),
          reached(
            'a page is shared with the hypervisor as often as its record can count',
            facts.pkvm2026('1.3', 'hyp_count==0xffff'),
            ({ hypShares }) => hypShares === countMax,
          ),
        ]
      : []),
    ...(has.readOnly
      ? [
          reached(
            'the hypervisor has a page that the host may read',
            pair('SB/HYP'),
            ({ hostState, owner }) => hostState === PKVM_PAGE_SHARED_BORROWED && owner === PKVM_ID_HYP,
          ),
        ]
      : []),
    ...(normalLeaves.length > 0
      ? [
          reached(
            'a guest borrows a page of the host',
            pair('SO/HOST'),
            ({ hostState, guestShares }) => hostState === PKVM_PAGE_SHARED_OWNED && guestShares > 0,
          ),
        ]
      : []),
    ...(normalLeaves.length > 1 && countMax > 1
      ? [
          reached(
            'two guest leaves borrow the same page',
            facts.pkvm2026('1.3', 'same page at several gpas/VMs allowed'),
            (_, read, page) => sharedTwice(read, page).length > 1,
          ),
        ]
      : []),
    ...(has.readOnlyShares && normalLeaves.length > 0
      ? [
          sometimes(
            'a guest borrows a page to read',
            { source: facts.pkvm2026('1.3', 'guest map rwx or r-x, SB') },
            normalLeaves.map(leaf => ({
              about: leaf.about,
              holds: (read: Read) => {
                const { isPresent, canWrite } = leafValue(leaf.word(read));
                return isPresent && !canWrite;
              },
            })),
          ),
        ]
      : []),
    ...(protectedVms.length > 0
      ? [
          reached(
            'a guest owns a page that the host does not map',
            pair('NONE/GUEST'),
            ({ hostState, owner }) => hostState === PKVM_PAGE_NONE && owner === PKVM_ID_GUEST,
          ),
          reached(
            'a guest owns a page that the host maps',
            pair('SB/GUEST'),
            ({ hostState, owner }) => hostState === PKVM_PAGE_SHARED_BORROWED && owner === PKVM_ID_GUEST,
          ),
        ]
      : []),
    ...(has.devices
      ? [
          reached(
            'a page is pinned that nobody shares',
            facts.pkvm2026('1.3', 'R2 OWNED or SO, HOST'),
            ({ hostState, refcount }) => hostState === PKVM_PAGE_OWNED && refcount > 0,
          ),
          reached(
            'a page is pinned and shared',
            facts.pkvm2026('1.4 10'),
            ({ hostState, refcount }) => hostState === PKVM_PAGE_SHARED_OWNED && refcount > 0,
          ),
        ]
      : []),
    ...(view.mmio.length > 0
      ? [
          sometimes(
            'the host has MMIO that it touched',
            { source: facts.pkvm2026('1.3', 'rwx UC + OWNED in leaf') },
            view.mmio.map(({ about, hostLeaf }) => ({
              about,
              holds: (read: Read) => leafValue(hostLeaf(read)).isPresent,
            })),
          ),
        ]
      : []),
  ];
}
