import type { Instance, Property, Read, Verdict } from '../checker/index.ts';
import { addressHex } from '../model/bits/index.ts';
import { facts, guardedPage, seed } from '../model/citation.ts';
import { EptPte } from '../model/ept/entry.ts';
import { ViolationQualification } from '../model/ept/qualification.ts';
import { FULL_VECTOR, permitsWrite, spread } from '../model/kvm/index.ts';
import {
  isGuarded,
  NEVER_MAPPED,
  OwnerId,
  PAGE_SIZE,
  PageState,
  PkvmAnnotation,
  PkvmLeaf,
  showLeaf,
  viewOf,
} from '../model/pkvm/index.ts';
import type { Given, GuardedView, GuestPageView } from './guarded-page-view.ts';
import { all, always, eachStep, recoverable, sometimes } from './sentence.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED } = PageState;
const rule = (number: number, words: string): { id: string; source: ReturnType<typeof guardedPage> } => ({
  id: `G${number}`,
  source: guardedPage('The ten rules', words),
});

const givesWrite = ({ leaf, vector }: Given, page: bigint, subPage: number): boolean =>
  viewOf(leaf).page === page && PkvmLeaf.get(leaf, 'write') && permitsWrite(vector, subPage);

/** One member of a family for each guest page. */
const eachGuestPage = (
  { guestPages }: GuardedView,
  holds: (read: Read, page: GuestPageView) => boolean | Verdict,
): Instance[] => guestPages.map(page => ({ about: page.about, holds: read => holds(read, page) }));

/** What guests write and reach: the two mechanisms against what was given. */
function enforced(view: GuardedView): Property[] {
  return [
    eachStep(
      'a write reaches a sub-page only where its owner gave the page to write and the vector set for this mapping permits it',
      rule(7, 'What permits is flushed before anyone relies on its end'),
      ({ action, before }) => {
        const write = view.writeOf(action);
        const page = write?.page(before);
        if (write === undefined || page === undefined) return true;
        const { guestPage, subPage } = write;
        const isGiven = [guestPage.given(before), guestPage.coming(before)].some(given =>
          givesWrite(given, page, subPage),
        );
        const { leaf, vector } = guestPage.given(before);
        const what = `${showLeaf(leaf, 'guest')} with vector 0x${vector.toString(16)}`;
        return all([
          [isGiven, `sub-page ${subPage} of ${addressHex(page)} is written, and what was given is ${what}`],
        ]);
      },
    ),
    eachStep(
      'a write that the owner and the vector permit is not denied, but for a miss that is answered',
      rule(6, 'A vector ends with its mapping'),
      ({ action, before, result }) => {
        const write = view.writeOf(action);
        if (write === undefined || !view.isQuiet(before)) return true;
        const { guestPage, subPage } = write;
        const given = guestPage.given(before);
        const permits = givesWrite(given, viewOf(given.leaf).page, subPage);
        const isDenied = write.page(before) === undefined && result !== 'spp_miss';
        return all([[!(permits && isDenied), `the write ends as ${result}`]]);
      },
    ),
    always(
      'a guest reaches only the page that it was given at that address, by words and by what is cached',
      rule(7, 'before the page changes hands'),
      view.ways.map(({ about, guestPage, reaches }) => ({
        about,
        holds: read => {
          const page = reaches(read);
          if (page === undefined) return true;
          const isGiven = [guestPage.given(read), guestPage.coming(read)].some(
            ({ leaf }) => viewOf(leaf).page === page,
          );
          return all([[isGiven, `it reaches ${addressHex(page)}, which was not given`]]);
        },
      })),
    ),
    always(
      "no guest reaches a page that is the host's alone again, but while the host takes back what it had lent",
      { id: 'I8', source: facts.pkvm('4', 'I8') },
      view.ways.map(({ about, reaches }) => ({
        about,
        holds: read => {
          const page = reaches(read);
          if (page === undefined) return true;
          const host = view.hostLeaf(read, page);
          const isHosts = viewOf(host).pageState === PKVM_PAGE_OWNED && view.recalled(read) !== page;
          return all([[!isHosts, `it reaches ${addressHex(page)}, which the host maps as its own`]]);
        },
      })),
    ),
  ];
}

/** What the words say: leaves, vectors and the SPPT. */
function words(view: GuardedView): Property[] {
  return [
    always(
      'no vector lets a guest write what its owner gave without the right to write',
      rule(2, 'Only a page that was given to write'),
      eachGuestPage(view, (read, page) => {
        const given = page.given(read);
        const isReadOnly = viewOf(given.leaf).isPresent && !PkvmLeaf.get(given.leaf, 'write');
        return all([
          [!(isReadOnly && isGuarded(page.leaf(read))), 'bit 61 is set in a page that was given read-only'],
        ]);
      }),
    ),
    always(
      'a leaf has bit 61 or the right to write, never both',
      rule(4, 'Bit 61 takes the place of W'),
      eachGuestPage(view, (read, page) => {
        const leaf = page.leaf(read);
        return all([
          [!(isGuarded(leaf) && PkvmLeaf.get(leaf, 'write')), 'both are set: the vector is not looked at'],
        ]);
      }),
    ),
    always(
      'between calls a page is guarded exactly where a vector was set that is not full, and that vector is remembered',
      rule(6, 'A vector ends with its mapping'),
      eachGuestPage(view, (read, page) => {
        if (!view.isQuiet(read)) return true;
        const { leaf, vector } = page.given(read);
        const expected = viewOf(leaf).isPresent ? vector : FULL_VECTOR;
        const record = page.record(read);
        return all([
          [
            record === expected,
            `0x${record.toString(16)} is remembered, 0x${expected.toString(16)} was set`,
          ],
          [isGuarded(page.leaf(read)) === (expected !== FULL_VECTOR), showLeaf(page.leaf(read), 'guest')],
        ]);
      }),
    ),
    always(
      'between calls a leaf is the word that was given, but for W and bit 61: the page state is its own two bits',
      rule(5, 'The page state is bits 57:56 and nothing else'),
      eachGuestPage(view, (read, page) => {
        if (!view.isQuiet(read)) return true;
        const without = (leaf: bigint): bigint =>
          PkvmLeaf.with(leaf, { write: false, subPageWrite: false });
        const leaf = page.leaf(read);
        const { leaf: given } = page.given(read);
        return all([
          [without(leaf) === without(given), `${addressHex(leaf)}, where ${addressHex(given)} was given`],
          [given !== NEVER_MAPPED || leaf === NEVER_MAPPED, `${addressHex(leaf)}, where nothing is mapped`],
        ]);
      }),
    ),
    always(
      'bit 57 of no leaf is taken for "verify guest paging"',
      {
        ...rule(5, 'the processor does not verify guest paging'),
        source: facts.pkvm('7', 'bit 57 overlaps "verify guest paging"'),
      },
      eachGuestPage(view, (read, page) => {
        const asks = view.verifiesGuestPaging && EptPte.get(page.leaf(read), 'verifyPaging');
        return all([[!asks, 'the page state asks the processor to verify guest paging']]);
      }),
    ),
    always(
      'a page of the host has neither bit 61 nor an owner: it is the word that maps it',
      rule(6, 'leaves nothing behind'),
      view.pages.map(page => ({
        about: addressHex(page),
        holds: read => {
          const leaf = view.hostLeaf(read, page);
          const isPlain = viewOf(leaf).isPresent
            ? !PkvmLeaf.get(leaf, 'subPageWrite')
            : leaf === PkvmAnnotation.encode({ ownerId: viewOf(leaf).ownerId });
          return all([[isPlain, `the host leaf is ${addressHex(leaf)}`]]);
        },
      })),
    ),
    always(
      'between calls a vector that a walk can reach is that of a guarded page, and 0 elsewhere',
      rule(6, 'leaves nothing behind'),
      eachGuestPage(view, (read, page) => {
        if (!view.isQuiet(read) || !page.isWalked(read)) return true;
        const l1e = page.l1e(read);
        const wanted = isGuarded(page.leaf(read)) ? spread(page.given(read).vector) : 0n;
        return all([[l1e === wanted, `the word is ${addressHex(l1e)}, not ${addressHex(wanted)}`]]);
      }),
    ),
    always(
      'what a protected guest guards is mapped by nobody else',
      rule(3, 'A guarded page is not shared'),
      eachGuestPage(view, (read, page) => {
        const leaf = page.leaf(read);
        if (page.vm.kind !== 'protected' || !isGuarded(leaf)) return true;
        const host = view.hostLeaf(read, viewOf(leaf).page);
        return all([
          [viewOf(host).pageState === PKVM_NOPAGE, `the host maps it too: ${showLeaf(host, 'host')}`],
        ]);
      }),
    ),
  ];
}

/** The SPPT's own pages, and the answer to a miss. */
function table(view: GuardedView): Property[] {
  return [
    ...(view.hasDonatedSppt
      ? [
          always(
            "the pages that an SPPT has, and those that a CPU may still walk, are the hypervisor's",
            rule(9, "The SPPT's pages are the hypervisor's"),
            view.sppts.map(({ about, page }) => ({
              about,
              holds: (read: Read) => {
                const found = page(read);
                if (!view.pages.includes(found)) return true;
                const host = view.hostLeaf(read, found);
                const isHyps = !viewOf(host).isPresent && viewOf(host).ownerId === OwnerId.PKVM_ID_HYP;
                return all([
                  [
                    isHyps,
                    `${addressHex(found)} is walked, and its host leaf is ${showLeaf(host, 'host')}`,
                  ],
                ]);
              },
            })),
          ),
          always(
            "the SPPT's page is zero when the host can read it",
            rule(9, 'zero when it comes and when it goes'),
            eachGuestPage(view, (read, page) => {
              const found = view.spptPage(read, page.vm.id);
              const isHosts = viewOf(view.hostLeaf(read, found)).isPresent;
              return all([
                [!isHosts || page.l1e(read) === 0n, `${addressHex(page.l1e(read))} is left in it`],
              ]);
            }),
          ),
          always(
            'a page is guarded only while its guest has an SPPT',
            rule(9, "The SPPT's pages are the hypervisor's"),
            eachGuestPage(view, (read, page) =>
              all([
                [
                  !isGuarded(page.leaf(read)) || view.spptPage(read, page.vm.id) !== 0n,
                  'no miss on it can ever be answered',
                ],
              ]),
            ),
          ),
        ]
      : []),
    eachStep(
      'the answer to a miss arms pages that are guarded, and no other',
      rule(8, 'A miss is answered under the lock'),
      ({ action, after }) => {
        if (!view.isMiss(action)) return true;
        return all(
          view.guestPages.map(page => [
            page.l1e(after) === 0n || isGuarded(page.leaf(after)) || !page.isWalked(after),
            `${page.about} gets a vector, and its leaf is ${showLeaf(page.leaf(after), 'guest')}`,
          ]),
        );
      },
    ),
  ];
}

/** What is told of a denied write. */
function told(view: GuardedView): Property[] {
  const mask = ViolationQualification.encode({ read: true, write: true, execute: true });
  return [
    eachStep(
      'of a denied write of a protected guest the host is told only where nothing is mapped, and only which page and how',
      rule(10, 'A denial is told to the holder'),
      ({ action, before }) => {
        const write = view.writeOf(action);
        const report = write?.report(before);
        if (write === undefined || report?.to !== OwnerId.PKVM_ID_HOST) return true;
        const { vm } = write.guestPage;
        if (vm.kind !== 'protected') return true;
        const { address, qualification } = report;
        return all([
          [
            !viewOf(write.guestPage.leaf(before)).isPresent,
            'the host learns of a page that the guest holds',
          ],
          [address % PAGE_SIZE === 0n, `it is told the address ${addressHex(address)}`],
          [(qualification & ~mask) === 0n, `it is told the qualification ${addressHex(qualification)}`],
        ]);
      },
    ),
  ];
}

/** Who sets vectors. */
const held = (view: GuardedView): Property[] => [
  eachStep(
    "a vector is set by the party that holds the guest's interface, and by nobody else",
    rule(1, 'One party holds the interface'),
    ({ action, result }) => {
      const set = view.setBy(action);
      if (set === undefined || (typeof result === 'number' && result < 0)) return true;
      const { guestPage, by, holder } = set;
      return all([[by === holder, `party ${by} sets the vector of ${guestPage.about}`]]);
    },
  ),
];

/** A refused call changes nothing, and everything can be undone. */
function calls(view: GuardedView): Property[] {
  return [
    eachStep(
      'a refused call changes nothing',
      { id: 'I10', source: facts.pkvm('4', 'I10') },
      ({ result, changed }) =>
        all([
          [
            !(typeof result === 'number' && result < 0) || changed.length === 0,
            `${changed.map(({ name }) => name).join(', ')} changed`,
          ],
        ]),
    ),
    recoverable(
      'the host can have all of its pages again',
      { source: seed('004', 'all pages except pKVM owned ones are owned by host VM') },
      [
        {
          about: '',
          holds: read =>
            view.isQuiet(read) &&
            view.pages.every(page => viewOf(view.hostLeaf(read, page)).pageState === PKVM_PAGE_OWNED),
        },
      ],
    ),
  ];
}

/** Nothing above holds vacuously. */
function reachedStates(view: GuardedView): Property[] {
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

/** Every sentence about a machine with both mechanisms. */
export const guardedPageProperties = (view: GuardedView): readonly Property[] => [
  ...held(view),
  ...enforced(view),
  ...words(view),
  ...table(view),
  ...told(view),
  ...calls(view),
  ...reachedStates(view),
];
