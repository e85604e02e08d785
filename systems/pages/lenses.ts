import { PageState, viewOf } from '../../model/pkvm/index.ts';

/** One function for each key, the same whenever it is asked for: what the checker needs of a lens. */
export function lensBy<K, L>(make: (key: K) => L): (key: K) => L {
  const known = new Map<K, L>();
  return key => {
    const lens = known.get(key) ?? make(key);
    known.set(key, lens);
    return lens;
  };
}

/** The state that a guest's leaf gives a page; 0, which is `PKVM_NOPAGE`, where it does not map it. */
export const stateOfPage = lensBy((page: bigint) => (leaf: bigint): PageState => {
  const view = viewOf(leaf);
  return view.page === page ? view.pageState : PageState.PKVM_NOPAGE;
});

/** Whether a guest's leaf maps a page in a state. */
export const isPageIn = lensBy((state: PageState) =>
  lensBy((page: bigint) => (leaf: bigint): boolean => {
    const view = viewOf(leaf);
    return view.page === page && view.pageState === state;
  }),
);

/** Whether a host leaf records a guest as owner. */
export const isOwnedBy = lensBy((vm: number) => (leaf: bigint): boolean => {
  const { pageState, ownerId } = viewOf(leaf);
  return pageState === PageState.PKVM_NOPAGE && ownerId === vm;
});

export const isMapped = (leaf: bigint): boolean => viewOf(leaf).isPresent;

/** Whether a CPU runs this one: the host or a guest, by owner id. */
export const isRunning = lensBy(
  (id: number) =>
    (running: number): boolean =>
      running === id,
);

/** Whether a guest's leaf maps a page and says that it is lent or borrowed. */
export const isLent = lensBy((page: bigint) => (leaf: bigint): boolean => {
  const view = viewOf(leaf);
  return view.page === page && view.pageState >= PageState.PKVM_PAGE_SHARED_OWNED;
});
