import type { Instance, Property, Read, Verdict } from '../checker/index.ts';
import { addressHex } from '../model/bits/index.ts';
import { EptMemoryType } from '../model/ept/entry.ts';
import { OwnerId, ownerOfSecret, PageState, viewOf } from '../model/pkvm/index.ts';
import type { IsolationView, Reached } from './isolation-view.ts';
import { partyName } from './page-claims.ts';
import { all, always, eachStep } from './sentence.ts';
import { design } from '../model/citation.ts';
import { pkvmInvariant } from './origin.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/**
 * Why an accessor may not reach a page, if it may not: who owns it. The words say who owns and who borrows; they are
 * read only as far as they decide, so that a sentence's footprint stays small.
 */
function trespass(
  view: IsolationView,
  read: Read,
  accessor: number,
  page: bigint,
): { readonly owner: number | undefined } | undefined {
  if (!view.pages.includes(page)) return undefined;
  const { pageState, ownerId } = viewOf(view.hostLeaf(read, page));
  const isHost = accessor === OwnerId.PKVM_ID_HOST;
  switch (pageState) {
    case PKVM_PAGE_OWNED:
      return isHost ? undefined : { owner: OwnerId.PKVM_ID_HOST };
    case PKVM_NOPAGE: {
      if (ownerId === accessor) return undefined;
      // before its first run a guest has put nothing into its pages: facts/pkvm.md 4, I8, "fast path"
      const isFilling = isHost && view.lives.some(vm => vm.id === ownerId && vm.state(read) === 'created');
      return isFilling ? undefined : { owner: ownerId };
    }
    case PKVM_PAGE_SHARED_OWNED:
    case PKVM_PAGE_SHARED_BORROWED: {
      if (isHost) return undefined;
      const wanted =
        pageState === PKVM_PAGE_SHARED_OWNED ? PKVM_PAGE_SHARED_BORROWED : PKVM_PAGE_SHARED_OWNED;
      return view.maps(read, accessor, page, wanted) ? undefined : { owner: undefined };
    }
  }
}

const ownerName = (owner: number | undefined): string =>
  owner === undefined ? 'two others' : partyName(owner);

/** What must be true of every way to a page, through tables and caches, in every state. */
export function reachProperties(view: IsolationView): readonly Property[] {
  const everyWay = (holds: (read: Read, reached: Reached, accessor: number) => Verdict): Instance[] =>
    view.ways.map(({ about, accessor, reaches }) => ({
      about,
      holds: (read: Read) => {
        const reached = reaches(read);
        return reached === undefined ? { holds: true } : holds(read, reached, accessor);
      },
    }));

  return [
    always(
      'a page is reached, by walking the tables or by a cached translation, only for its owner or its borrower',
      pkvmInvariant('I8'),
      everyWay((read, { page }, accessor) => {
        const found = trespass(view, read, accessor, page);
        return all([
          [
            found === undefined || found.owner === OwnerId.PKVM_ID_HYP,
            `${partyName(accessor)} reaches ${addressHex(page)}, which is ${ownerName(found?.owner)}'s`,
          ],
        ]);
      }),
    ),
    always(
      'no page of the hypervisor is reached for anybody else',
      pkvmInvariant('I7'),
      everyWay((read, { page }, accessor) => {
        const found = trespass(view, read, accessor, page);
        return all([
          [
            found?.owner !== OwnerId.PKVM_ID_HYP,
            `${partyName(accessor)} reaches ${addressHex(page)}, which is the hypervisor's`,
          ],
          [
            !view.iommuPages.includes(page),
            `${partyName(accessor)} reaches ${addressHex(page)}, registers of the IOMMU`,
          ],
        ]);
      }),
    ),
    always(
      'what a protected guest wrote to a page that it had not shared is within reach of nobody else',
      {
        source: design(
          'Isolation',
          'a value written by a guest is never read by the host unless that guest had shared the page',
        ),
      },
      everyWay((read, { page }, accessor) => {
        const contents = view.contents(read, page);
        const writer = ownerOfSecret(contents);
        const mayRead = writer === undefined ? contents !== 'hyp' : writer === accessor;
        return all([
          [mayRead, `${partyName(accessor)} can read ${addressHex(page)}, which holds ${contents}`],
        ]);
      }),
    ),
    always(
      'RAM is reached write-back and MMIO uncacheable on every way of the host',
      pkvmInvariant('I11'),
      view.ways
        .filter(({ accessor }) => accessor === OwnerId.PKVM_ID_HOST)
        .map(({ about, reaches }) => ({
          about,
          holds: (read: Read) => {
            const reached = reaches(read);
            if (reached === undefined) return true;
            const wanted = view.pages.includes(reached.page) ? EptMemoryType.WB : EptMemoryType.UC;
            return all([
              [reached.memoryType === wanted, `memory type ${reached.memoryType}, not ${wanted}`],
            ]);
          },
        })),
    ),
  ];
}

/** What must be true of every access and of every call. */
export function accessProperties(view: IsolationView): readonly Property[] {
  return [
    eachStep(
      'no access completes on a page of another owner that is not shared with the accessor',
      {
        source: design(
          'Isolation',
          'a completed access to a page of another owner that is not shared with the accessor is the violation',
        ),
      },
      ({ action, result, before }) => {
        const access = view.accessOf(action);
        if (access === undefined || result === 'EPT violation') return true;
        const reached = access.translate(before);
        if (reached === undefined) return true;
        const found = trespass(view, before, access.accessor, reached.page);
        const { accessor } = access;
        return all([
          [
            found === undefined,
            `${partyName(accessor)} accessed ${addressHex(reached.page)}, which is ${ownerName(found?.owner)}'s`,
          ],
        ]);
      },
    ),
    eachStep(
      'no read returns what another party keeps secret',
      {
        source: design(
          'Isolation',
          'a value written by a guest is never read by the host unless that guest had shared the page',
        ),
      },
      ({ action, result }) => {
        const access = view.accessOf(action);
        if (access === undefined || !action.name.endsWith('_read')) return true;
        const value = String(result);
        const isOwn = value.endsWith(`guest ${access.accessor}`);
        return all([
          [
            isOwn || !(value === 'hyp' || value.startsWith('secret')),
            `${partyName(access.accessor)} read: ${value}`,
          ],
        ]);
      },
    ),
    eachStep(
      'a page that comes back from a guest that had not shared it is zero',
      pkvmInvariant('I9'),
      ({ before, after, changed }) => {
        if (changed.length === 0) return true;
        return all(
          view.pages.flatMap(page => {
            if (!view.isChanged(changed, page)) return [];
            if (view.hostLeaf(before, page) === view.hostLeaf(after, page)) return [];
            const from = viewOf(view.hostLeaf(before, page));
            const to = viewOf(view.hostLeaf(after, page));
            const wasGuests = from.pageState === PKVM_NOPAGE && from.ownerId >= OwnerId.firstGuest;
            if (!wasGuests || to.pageState !== PKVM_PAGE_OWNED) return [];
            const contents = view.contents(after, page);
            return [[contents === 'zero', `${addressHex(page)} holds ${contents}`] as const];
          }),
        );
      },
    ),
  ];
}
