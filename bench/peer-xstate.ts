import { getAdjacencyMap } from '@xstate/graph';
import { createMachine } from 'xstate';

/**
 * Pages with own gpas as an xstate machine: one parallel region a page, of seed 004's boxes with two protected guests
 * (a, b) and two normal ones (c, d). Every event is given once, so that a refused call is an edge too.
 */
const arrows = [
  ['host', 'donate_hyp', 'hyp'],
  ['hyp', 'donate_host', 'host'],
  ['host', 'share_c', 'lent_c'],
  ['lent_c', 'unshare_c', 'host'],
  ['host', 'share_d', 'lent_d'],
  ['lent_d', 'unshare_d', 'host'],
  ['host', 'donate_a', 'owned_a'],
  ['owned_a', 'undonate_a', 'host'],
  ['back_a', 'undonate_a', 'host'],
  ['owned_a', 'share_back_a', 'back_a'],
  ['back_a', 'unshare_back_a', 'owned_a'],
  ['host', 'donate_b', 'owned_b'],
  ['owned_b', 'undonate_b', 'host'],
  ['back_b', 'undonate_b', 'host'],
  ['owned_b', 'share_back_b', 'back_b'],
  ['back_b', 'unshare_back_b', 'owned_b'],
] as const;

const boxes = [...new Set(arrows.map(([from]) => from))];
const calls = [...new Set(arrows.map(([, call]) => call))];
const pages = Array.from({ length: Number(process.argv[2]) }, (_, at) => `page_${at}`);

const region = (page: string): object => ({
  initial: 'host',
  states: Object.fromEntries(
    boxes.map(box => {
      const leaving = arrows.filter(([from]) => from === box);
      return [box, { on: Object.fromEntries(leaving.map(([, call, to]) => [`${page}.${call}`, to])) }];
    }),
  ),
});
const machine = createMachine({
  type: 'parallel',
  states: Object.fromEntries(pages.map(page => [page, region(page)])),
});
const events = pages.flatMap(page => calls.map(call => ({ type: `${page}.${call}` })));
const map = Object.values(getAdjacencyMap(machine, { events }));
const transitions = map.reduce((sum, { transitions: edges }) => sum + Object.keys(edges).length, 0);
console.log(JSON.stringify({ states: map.length, transitions }));
