import type { Instance, Property, Read, Verdict } from '../checker/index.ts';
import { facts } from '../model/citation.ts';
import { EptMemoryType } from '../model/ept/entry.ts';
import {
  annotationOf,
  CountedLeaf,
  CountedOwner,
  CountedState,
  hostProt,
  leafValue,
  mappingWord,
  ownerName,
  type PageRecord,
  showCountedLeaf,
  stateName,
} from '../model/pkvm/counted/index.ts';
import { countedStepProperties } from './counted-steps.ts';
import type { CountedLeafView, CountedPageView, CountedView } from './counted-view.ts';
import { countedWitnesses } from './counted-witnesses.ts';
import { type Origin, pkvmInvariant } from './origin.ts';
import { all, always, recoverable } from './sentence.ts';

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST, PKVM_ID_HYP, PKVM_ID_GUEST } = CountedOwner;

/** An invariant of the code that counts by its label, J1 to J9. */
const counted = (id: string): Origin => ({ id, source: facts.pkvm2026('4', id) });

const said = ({ hostState, owner }: PageRecord): string =>
  `the record says ${stateName(hostState)} by ${ownerName(owner)}`;
const isPresent = (word: bigint): boolean => leafValue(word).isPresent;

type OfPage = (read: Read, page: CountedPageView, record: PageRecord) => boolean | Verdict;
const ofPages = ({ pages }: CountedView, holds: OfPage): Instance[] =>
  pages.map(page => ({ about: page.about, holds: read => holds(read, page, page.record(read)) }));
const ofLeaves = (
  { leaves }: CountedView,
  holds: (read: Read, leaf: CountedLeafView, word: bigint) => boolean | Verdict,
): Instance[] =>
  leaves.map(leaf => ({ about: leaf.about, holds: read => holds(read, leaf, leaf.word(read)) }));

/** What the host's leaf must be, by state and owner. facts/pkvm-2026.md 4, J2. */
function hostLeafFor({ hostState, owner }: PageRecord, page: bigint): bigint {
  if (hostState === PKVM_PAGE_NONE) return 0n;
  const isReadOnly = hostState === PKVM_PAGE_SHARED_BORROWED && owner === PKVM_ID_HYP;
  return mappingWord(page, isReadOnly ? hostProt.readOnly : hostProt.ram, 1);
}

/** How many guest leaves in a state map the page. */
const mappedIn = (page: CountedPageView, read: Read, state: CountedState): number =>
  page.mappedBy(read).filter(leaf => leaf.state === state).length;

/** What records, host leaves and guest leaves say of one another: J1 to J6, J8. */
function records(view: CountedView): Property[] {
  return [
    always(
      'the host owns a page exactly where its record says OWNED or SHARED_OWNED',
      counted('J1'),
      ofPages(view, (_, __, record) => {
        const isHosts = record.hostState === PKVM_PAGE_OWNED || record.hostState === PKVM_PAGE_SHARED_OWNED;
        return all([[isHosts === (record.owner === PKVM_ID_HOST), said(record)]]);
      }),
    ),
    always(
      "the host's leaf of a page follows from state and owner alone",
      counted('J2'),
      ofPages(view, (read, page, record) => {
        const leaf = page.hostLeaf(read);
        const wanted = hostLeafFor(record, page.page);
        return all([[leaf === wanted, `${said(record)}, the host's leaf is ${showCountedLeaf(leaf)}`]]);
      }),
    ),
    always(
      'the count of guest shares is the number of guest leaves that borrow the page',
      counted('J3'),
      ofPages(view, (read, page, { guestShares }) => {
        const borrowing = mappedIn(page, read, PKVM_PAGE_SHARED_BORROWED);
        return all([
          [
            guestShares === borrowing,
            `the record counts ${guestShares}, ${borrowing} guest leaves borrow it`,
          ],
        ]);
      }),
    ),
    always(
      'a page is shared with the hypervisor or with guests, never with both',
      { id: 'I15', source: facts.pkvm('4', 'I15') },
      ofPages(view, (_, __, { hypShares, guestShares }) =>
        all([[hypShares === 0 || guestShares === 0, `${hypShares} hyp and ${guestShares} guest shares`]]),
      ),
    ),
    always(
      'a page is SHARED_OWNED exactly where a share of it is counted',
      { id: 'J3', source: facts.pkvm2026('4', 'SO <=> a count > 0') },
      ofPages(view, (_, __, record) => {
        const isCounted = record.hypShares + record.guestShares > 0;
        const isShared = record.hostState === PKVM_PAGE_SHARED_OWNED;
        return all([
          [
            isShared === isCounted,
            `${said(record)}, with ${record.hypShares + record.guestShares} shares counted`,
          ],
        ]);
      }),
    ),
    always(
      'a page is a guest’s exactly where one leaf of one protected VM has it, shared with the host or not',
      counted('J4'),
      ofPages(view, (read, page, record) => {
        const ofGuest = record.owner === PKVM_ID_GUEST;
        const wanted = (state: CountedState): number => (ofGuest && record.hostState === state ? 1 : 0);
        const owning = mappedIn(page, read, PKVM_PAGE_OWNED);
        const sharing = mappedIn(page, read, PKVM_PAGE_SHARED_OWNED);
        return all([
          [owning === wanted(PKVM_PAGE_NONE), `${said(record)}, ${owning} guest leaves own it`],
          [
            sharing === wanted(PKVM_PAGE_SHARED_BORROWED),
            `${said(record)}, ${sharing} guest leaves share it with the host`,
          ],
        ]);
      }),
    ),
    ...pinned(view),
    always(
      'a protected VM owns what it maps, a normal one borrows it',
      counted('J6'),
      ofLeaves(view, (_, { isProtected }, word) => {
        const { pageState } = leafValue(word);
        const isBorrowed = pageState === PKVM_PAGE_SHARED_BORROWED;
        return all([[!isPresent(word) || isBorrowed !== isProtected, showCountedLeaf(word)]]);
      }),
    ),
    always(
      'a protected VM maps pages only after it was finalized',
      counted('J8'),
      view.vms
        .filter(vm => vm.isProtected)
        .flatMap(({ id, isFinalized }) =>
          view.leaves
            .filter(({ vm }) => vm === id)
            .map(leaf => ({
              about: leaf.about,
              holds: (read: Read) => isFinalized(read) || !isPresent(leaf.word(read)),
            })),
        ),
    ),
  ];
}

/** What devices may reach, and that it is counted. */
function pinned(view: CountedView): Property[] {
  if (!view.has.devices) return [];
  return [
    always(
      'a page that is pinned for DMA is the host’s',
      counted('J5'),
      ofPages(view, (_, __, record) =>
        all([
          [
            record.refcount === 0 || record.owner === PKVM_ID_HOST,
            `${said(record)}, ${record.refcount} pins`,
          ],
        ]),
      ),
    ),
    always(
      'a page has as many pins as devices map it',
      { id: 'J5', source: facts.pkvmBugs2026('1', 'B59', 'J5 dual') },
      ofPages(view, (read, page, { refcount, owner }) => {
        const devices = page.devices(read);
        const isHosts = owner === PKVM_ID_HOST;
        return all([[!isHosts || refcount === devices, `${refcount} pins, and ${devices} devices map it`]]);
      }),
    ),
    always(
      'a device reaches only pages of the host',
      pkvmInvariant('I8'),
      ofPages(view, (read, page, record) =>
        all([
          [page.devices(read) === 0 || record.owner === PKVM_ID_HOST, `${said(record)}, a device maps it`],
        ]),
      ),
    ),
  ];
}

/** Who can reach a page, by the tables and by what is cached of them. */
function reach(view: CountedView): Property[] {
  return [
    always(
      'no guest maps a page of the hypervisor, and the host does not write one',
      pkvmInvariant('I7'),
      ofPages(view, (read, page, { owner }) => {
        if (owner !== PKVM_ID_HYP) return true;
        return all([
          [page.mappedBy(read).length === 0, 'a guest maps it'],
          [!leafValue(page.hostLeaf(read)).canWrite, 'the host may write it'],
        ]);
      }),
    ),
    always(
      'no translation stays cached that the host’s table no longer has',
      pkvmInvariant('I8'),
      ofPages(view, (read, page) => {
        const stale = page.stale(read);
        return all([[stale === 0n, `${showCountedLeaf(stale)} may still be used`]]);
      }),
    ),
    always(
      'no translation stays cached that a guest’s table no longer has',
      pkvmInvariant('I8'),
      view.leaves.map(leaf => ({
        about: leaf.about,
        holds: (read: Read) => {
          const stale = leaf.stale(read);
          return all([[stale === 0n, `${showCountedLeaf(stale)} may still be used`]]);
        },
      })),
    ),
    always(
      'what the host can read holds no secret of a guest or of the hypervisor',
      pkvmInvariant('I9'),
      ofPages(view, (read, page) => {
        const secret = page.secret(read);
        const isReadable = isPresent(page.hostLeaf(read));
        return all([[!isReadable || secret === 'none', `it holds what the ${secret} wrote`]]);
      }),
    ),
    always(
      'the hypervisor holds as many shares of a page as are counted, and the pages that it was given',
      { source: facts.pkvm2026('1.3', 'hyp_count+1') },
      ofPages(view, (read, page, record) => {
        const held = page.held(read);
        const given = record.owner === PKVM_ID_HYP ? -1 : record.hypShares;
        return all([[held === given, `it holds ${held}, ${said(record)}, ${record.hypShares} hyp shares`]]);
      }),
    ),
    always(
      'a guest takes a page for its own exactly where the host does not map it',
      { source: facts.pkvmBugs2026('1', 'B50') },
      view.leaves
        .filter(({ isProtected }) => isProtected)
        .map(leaf => ({
          about: leaf.about,
          holds: (read: Read) => {
            const word = leaf.word(read);
            if (!isPresent(word)) return !leaf.believesShared(read);
            const isShared = leafValue(word).pageState === PKVM_PAGE_SHARED_OWNED;
            const believed = leaf.believesShared(read) ? 'shared' : 'private';
            return all([
              [
                isShared === leaf.believesShared(read),
                `it takes it for ${believed}, ${showCountedLeaf(word)}`,
              ],
            ]);
          },
        })),
    ),
  ];
}

/** The words themselves. */
function words(view: CountedView): Property[] {
  const hyp = annotationOf(CountedOwner.PKVM_ID_HYP);
  return [
    always(
      'state bits agree with presence in every guest table',
      pkvmInvariant('I5'),
      ofLeaves(view, (_, __, word) => {
        const { pageState } = leafValue(word);
        return all([[isPresent(word) === (pageState !== PKVM_PAGE_NONE), showCountedLeaf(word)]]);
      }),
    ),
    always(
      'RAM is mapped write-back by the host',
      pkvmInvariant('I11'),
      ofPages(view, (read, page) => {
        const leaf = page.hostLeaf(read);
        const isBack = CountedLeaf.get(leaf, 'memoryType') === EptMemoryType.WB;
        return all([[!isPresent(leaf) || isBack, showCountedLeaf(leaf)]]);
      }),
    ),
    ...(view.mmio.length === 0
      ? []
      : [
          always(
            'MMIO is kept by the hypervisor, or mapped uncacheable and OWNED by the host',
            pkvmInvariant('I11'),
            view.mmio.map(({ about, hostLeaf }) => ({
              about,
              holds: (read: Read) => {
                const leaf = hostLeaf(read);
                const isMapped = isPresent(leaf) && leaf === CountedLeaf.with(hostProt.mmio, pageOf(leaf));
                return all([[leaf === hyp || isMapped, showCountedLeaf(leaf)]]);
              },
            })),
          ),
        ]),
  ];
}
const pageOf = (leaf: bigint): { page: bigint } => ({ page: leafValue(leaf).page });

/** What must be true of counted sharing in every state and of every call, and the states that must be reached. */
export const countedProperties = (view: CountedView): readonly Property[] => [
  ...records(view),
  ...reach(view),
  ...words(view),
  ...countedStepProperties(view),
  ...countedWitnesses(view),
  recoverable(
    'the host can get every page back for itself alone',
    pkvmInvariant('I17'),
    view.pages.map(page => ({
      about: page.about,
      holds: (read: Read) => {
        const { hostState, owner } = page.record(read);
        return hostState === PKVM_PAGE_OWNED && owner === PKVM_ID_HOST;
      },
    })),
  ),
];
