import type { Property } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { facts } from '../../model/citation.ts';
import { PageState, showLeaf, viewOf } from '../../model/pkvm/index.ts';
import { all, always, eachStep } from '../sentence.ts';
import { givesWrite, rule } from './rule.ts';
import type { GuardedView } from './view.ts';

/** What guests write and reach: the two mechanisms against what was given. */
export const writes = (view: GuardedView): Property[] => [
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
        const isHosts =
          viewOf(host).pageState === PageState.PKVM_PAGE_OWNED && view.recalled(read) !== page;
        return all([[!isHosts, `it reaches ${addressHex(page)}, which the host maps as its own`]]);
      },
    })),
  ),
];
