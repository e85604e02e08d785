import { expect, test } from 'vitest';
import { arrowOf, countedPage } from '../../machines/index.ts';

const arrows = Object.values(countedPage.states).flatMap(state =>
  [...state.transitions.values()]
    .flat()
    .flatMap(({ eventType, target }) =>
      (target ?? []).map(to => `${state.key} --> ${to.key} : ${eventType}`),
    ),
);
const ask = arrowOf(countedPage);
const context = { shares: 0, pins: 0, max: 2 };

test('a page has the seven legal pairs of state and owner', () => {
  expect(Object.keys(countedPage.states).sort()).toEqual([
    'guest',
    'guest_shared',
    'hyp',
    'hyp_read_only',
    'owned',
    'shared_with_guests',
    'shared_with_hyp',
  ]);
});

test('no arrow leads from a guest back to the host but the end of its VM', () => {
  expect(arrows.filter(arrow => arrow.startsWith('guest') && arrow.includes('> owned'))).toEqual([
    'guest --> owned : vm_teardown',
    'guest_shared --> owned : vm_teardown',
  ]);
});

test('no arrow leads from one kind of sharing to the other', () => {
  expect(
    arrows.filter(arrow => /shared_with_(hyp --> \w+_guests|guests --> \w+_hyp) /.test(arrow)),
  ).toEqual([]);
});

test('every arrow carries its source', () => {
  const metas = Object.values(countedPage.states).flatMap(state =>
    [...state.transitions.values()]
      .flat()
      .map(({ meta }) => meta as { readonly source?: string } | undefined),
  );
  expect(metas.filter(meta => meta?.source === undefined)).toEqual([]);
});

test('O(r): a page with a pin is shared, and not given away', () => {
  const pinned = { value: 'owned', context: { ...context, pins: 1 } } as const;
  const gives = { isProtected: true, isFinalized: true, gpaIsFree: true };
  expect(ask(pinned, { type: 'host_donate_hyp' })).toEqual({ refused: 'by guard' });
  expect(ask(pinned, { type: 'host_donate_guest', ...gives })).toEqual({ refused: 'by guard' });
  expect(ask(pinned, { type: 'host_share_hyp' })).toMatchObject({
    to: { value: 'shared_with_hyp', context: { shares: 1, pins: 1 } },
  });
});

test('Sg(n,r): a VM that ends takes all its shares with it, and the last one makes the page the host’s', () => {
  const shared = { value: 'shared_with_guests', context: { ...context, shares: 2 } } as const;
  expect(ask(shared, { type: 'vm_teardown', leaves: 1 })).toMatchObject({
    to: { value: 'shared_with_guests', context: { shares: 1 } },
  });
  expect(ask(shared, { type: 'vm_teardown', leaves: 2 })).toMatchObject({
    to: { value: 'owned', context: { shares: 0 } },
  });
  expect(ask(shared, { type: 'vm_teardown', leaves: 0 })).toEqual({ refused: 'by guard' });
});
