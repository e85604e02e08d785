import type { Property } from '../../checker/index.ts';
import { facts, seed } from '../../model/citation.ts';
import { PageState, viewOf } from '../../model/pkvm/index.ts';
import { all, eachStep, recoverable } from '../sentence.ts';
import type { GuardedView } from './view.ts';

/** A refused call changes nothing, and everything can be undone. */
export function calls(view: GuardedView): Property[] {
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
            view.pages.every(
              page => viewOf(view.hostLeaf(read, page)).pageState === PageState.PKVM_PAGE_OWNED,
            ),
        },
      ],
    ),
  ];
}
