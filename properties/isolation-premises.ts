import type { Property, Read } from '../checker/index.ts';
import { OwnerId, ownerOfSecret, PageState, viewOf } from '../model/pkvm/index.ts';
import type { IsolationView, WayToPage } from './isolation-view.ts';
import { sometimes } from './sentence.ts';
import { facts, seed } from '../model/citation.ts';

const { PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** The states without which the sentences about isolation would be true of nothing. */
export function premises(view: IsolationView): readonly Property[] {
  const someWay = (ways: readonly WayToPage[], holds: (read: Read, page: bigint) => boolean) =>
    ways.map(({ about, reaches }) => ({
      about,
      holds: (read: Read) => {
        const reached = reaches(read);
        return reached !== undefined && view.pages.includes(reached.page) && holds(read, reached.page);
      },
    }));
  const hostState = (read: Read, page: bigint): PageState => viewOf(view.hostLeaf(read, page)).pageState;
  const ofHost = view.ways.filter(({ accessor }) => accessor === OwnerId.PKVM_ID_HOST);
  const ofGuests = view.ways.filter(({ accessor }) => accessor !== OwnerId.PKVM_ID_HOST);
  const hasProtected = view.lives.some(({ kind }) => kind === 'protected');
  const hasNormal = view.lives.some(({ kind }) => kind === 'normal');
  const mmio = view.ways.map(({ about, reaches }) => ({
    about,
    holds: (read: Read) => {
      const reached = reaches(read);
      return reached !== undefined && !view.pages.includes(reached.page);
    },
  }));

  return [
    ...(hasProtected
      ? [
          sometimes(
            'a protected guest keeps a secret in a page',
            { source: facts.pkvm('4', 'I9') },
            someWay(ofGuests, (read, page) => ownerOfSecret(view.contents(read, page)) !== undefined),
          ),
          sometimes(
            'the host reaches a page that a protected guest shares with it',
            { source: seed('004', 'a page can be shared back to host VM after donated to this guest') },
            someWay(ofHost, (read, page) => hostState(read, page) === PKVM_PAGE_SHARED_BORROWED),
          ),
          sometimes(
            "a page that was a guest's is wiped and the host's again",
            { source: facts.pkvm('4', 'I9') },
            someWay(ofHost, (read, page) => view.contents(read, page) === 'zero'),
          ),
        ]
      : []),
    ...(hasNormal
      ? [
          sometimes(
            'a normal guest reaches a page that the host shares with it',
            { source: seed('004', 'both host VM and guestB can access this page') },
            someWay(ofGuests, (read, page) => hostState(read, page) === PKVM_PAGE_SHARED_OWNED),
          ),
        ]
      : []),
    sometimes(
      'a CPU has cached a translation of the host',
      { source: facts.pkvm('4', 'I8') },
      someWay(
        ofHost.filter(({ isCached }) => isCached),
        () => true,
      ),
    ),
    sometimes(
      'a CPU has cached a translation of a guest',
      { source: facts.pkvm('4', 'I8') },
      someWay(
        ofGuests.filter(({ isCached }) => isCached),
        () => true,
      ),
    ),
    ...(mmio.length > 0 && view.hasMmio
      ? [sometimes('the host maps an MMIO page', { source: facts.pkvm('4', 'I11') }, mmio)]
      : []),
  ];
}
