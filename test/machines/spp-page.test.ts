import { expect, test } from 'vitest';
import { sppPage } from '../../machines/index.ts';

interface Edge {
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

const edges: readonly Edge[] = Object.values(sppPage.states).flatMap(state =>
  [...state.transitions.values()].flat().flatMap(({ eventType, target }) =>
    (target ?? []).map(to => ({
      event: eventType,
      from: state.key,
      to: to.key,
    })),
  ),
);

test('the life of a page has the six good states of the table, and neither stale nor open', () => {
  expect(Object.keys(sppPage.states).sort()).toEqual([
    'armed',
    'lazy pending',
    'marked-miss',
    'off',
    'plain',
    'saved',
  ]);
});

test('these are its arrows', () => {
  expect([...new Set(edges.map(({ from, to, event }) => `${from} --> ${to} : ${event}`))].sort()).toEqual([
    'armed --> armed : set',
    'armed --> lazy pending : set',
    'armed --> lazy pending : unmap',
    'armed --> marked-miss : roots_freed',
    'armed --> marked-miss : set',
    'armed --> marked-miss : set_in_region',
    'armed --> off : memslot_deleted',
    'armed --> plain : set',
    'armed --> saved : write_protect',
    'lazy pending --> armed : fault',
    'lazy pending --> marked-miss : fault',
    'lazy pending --> off : memslot_deleted',
    'lazy pending --> plain : set',
    'lazy pending --> saved : fault',
    'marked-miss --> armed : spp_miss',
    'marked-miss --> lazy pending : set',
    'marked-miss --> lazy pending : unmap',
    'marked-miss --> marked-miss : set',
    'marked-miss --> off : memslot_deleted',
    'marked-miss --> plain : set',
    'marked-miss --> saved : write_protect',
    'off --> plain : enable',
    'plain --> armed : set',
    'plain --> lazy pending : set',
    'plain --> marked-miss : set',
    'plain --> off : memslot_deleted',
    'plain --> plain : set',
    'saved --> armed : fault',
    'saved --> lazy pending : set',
    'saved --> lazy pending : unmap',
    'saved --> marked-miss : fault',
    'saved --> off : memslot_deleted',
    'saved --> plain : set',
  ]);
});
