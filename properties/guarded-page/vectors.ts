import type { Property } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { FULL_VECTOR, spread } from '../../model/kvm/index.ts';
import { isGuarded, PageState, showLeaf, viewOf } from '../../model/pkvm/index.ts';
import { all, always } from '../sentence.ts';
import { eachGuestPage, rule } from './rule.ts';
import type { GuardedView } from './view.ts';

/** What the vectors say, where they are remembered and where a walk finds them. */
export const vectors = (view: GuardedView): Property[] => [
  always(
    'between calls a page is guarded exactly where a vector was set that is not full, and that vector is remembered',
    rule(6, 'A vector ends with its mapping'),
    eachGuestPage(view, (read, page) => {
      if (!view.isQuiet(read)) return true;
      const { leaf, vector } = page.given(read);
      const expected = viewOf(leaf).isPresent ? vector : FULL_VECTOR;
      const record = page.record(read);
      return all([
        [record === expected, `0x${record.toString(16)} is remembered, 0x${expected.toString(16)} was set`],
        [isGuarded(page.leaf(read)) === (expected !== FULL_VECTOR), showLeaf(page.leaf(read), 'guest')],
      ]);
    }),
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
        [
          viewOf(host).pageState === PageState.PKVM_NOPAGE,
          `the host maps it too: ${showLeaf(host, 'host')}`,
        ],
      ]);
    }),
  ),
];
