import type { Property } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { facts } from '../../model/citation.ts';
import { EptPte } from '../../model/ept/entry.ts';
import { isGuarded, NEVER_MAPPED, PkvmAnnotation, PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import { all, always } from '../sentence.ts';
import { eachGuestPage, rule } from './rule.ts';
import type { GuardedView } from './view.ts';

/** What the leaves say: rights, bit 61 and the page state, each in its own bits. */
export const leaves = (view: GuardedView): Property[] => [
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
    'between calls a leaf is the word that was given, but for W and bit 61: the page state is its own two bits',
    rule(5, 'The page state is bits 57:56 and nothing else'),
    eachGuestPage(view, (read, page) => {
      if (!view.isQuiet(read)) return true;
      const without = (leaf: bigint): bigint => PkvmLeaf.with(leaf, { write: false, subPageWrite: false });
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
];
