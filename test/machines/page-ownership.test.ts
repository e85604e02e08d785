import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getShortestPaths } from '@xstate/graph';
import { expect, test } from 'vitest';
import { type PageEvent, pageOwnership } from '../../machines/index.ts';
import { arrowsOf } from './picture.ts';

const picture = readFileSync(join(import.meta.dirname, '../golden/seed-004-picture.txt'), 'utf8');

interface Box {
  readonly key: string;
  readonly meta?: { readonly host?: string; readonly guest?: string };
}
interface Edge {
  readonly event: string;
  readonly from: Box;
  readonly to: Box;
}

/** The machine's own edges, read from its configuration: not from what some list of events happens to reach. */
const edges: Edge[] = Object.values(pageOwnership.states).flatMap(state =>
  [...state.transitions.values()]
    .flat()
    .flatMap(({ eventType, target }) => (target ?? []).map(to => ({ event: eventType, from: state, to }))),
);
const box = ({ meta }: Box): string => `${meta?.host}/${meta?.guest}`;
const inPicture = edges.filter(
  ({ from, to }) => from.key !== 'donated_to_hyp' && to.key !== 'donated_to_hyp',
);

test('the machine has the arrows of the seed’s picture, edge by edge, and no others', () => {
  expect(inPicture.map(({ from, to }) => `${box(from)} --> ${box(to)}`).sort()).toEqual(arrowsOf(picture));
});

test('the picture has seven arrows between four boxes', () => {
  expect(arrowsOf(picture)).toEqual([
    'NOPAGE/OWNED --> OWNED/NOPAGE',
    'NOPAGE/OWNED --> SHARED_BORROWED/SHARED_OWNED',
    'OWNED/NOPAGE --> NOPAGE/OWNED',
    'OWNED/NOPAGE --> SHARED_OWNED/SHARED_BORROWED',
    'SHARED_BORROWED/SHARED_OWNED --> NOPAGE/OWNED',
    'SHARED_BORROWED/SHARED_OWNED --> OWNED/NOPAGE',
    'SHARED_OWNED/SHARED_BORROWED --> OWNED/NOPAGE',
  ]);
});

test('every arrow carries the call that takes it, and the text adds donation to the hypervisor and back', () => {
  expect(edges.map(({ from, event, to }) => `${from.key} --> ${to.key} : ${event}`).sort()).toEqual([
    'donated_to_guest --> init : host_undonate_guest',
    'donated_to_guest --> shared_back_to_host : guest_share_host',
    'donated_to_hyp --> init : hyp_donate_host',
    'init --> donated_to_guest : host_donate_guest',
    'init --> donated_to_hyp : host_donate_hyp',
    'init --> shared_with_guest : host_share_guest',
    'shared_back_to_host --> donated_to_guest : guest_unshare_host',
    'shared_back_to_host --> init : host_undonate_guest',
    'shared_with_guest --> init : host_unshare_guest',
  ]);
});

const events: PageEvent[] = [
  { type: 'host_donate_hyp' },
  { type: 'hyp_donate_host' },
  ...[2, 3].flatMap((vm): PageEvent[] => [
    { type: 'host_donate_guest', vm, gpa: 7, vmKind: vm === 2 ? 'protected' : 'normal', gpaIsFree: true },
    { type: 'host_share_guest', vm, gpa: 7, vmKind: vm === 2 ? 'protected' : 'normal', gpaIsFree: true },
    { type: 'host_undonate_guest', vm, gpa: 7 },
    { type: 'guest_share_host', vm, gpa: 7 },
    { type: 'guest_unshare_host', vm, gpa: 7 },
    { type: 'host_unshare_guest', vm, gpa: 7 },
  ]),
];

test('five states are reached with one protected and one normal guest, none at more than two calls', () => {
  const paths = getShortestPaths(pageOwnership, { events, limit: 1000 });
  expect(paths.map(({ state, steps }) => `${String(state.value)} ${steps.length - 1}`).sort()).toEqual([
    'donated_to_guest 1',
    'donated_to_hyp 1',
    'init 0',
    'shared_back_to_host 2',
    'shared_with_guest 1',
  ]);
});
