import type { LabelledGraph } from '../../graphs/labelled-graph.ts';

/** A graph with everything that a format can stumble over: quotes, brackets, line ends, parallel edges, refusals. */
export const sample: LabelledGraph = {
  name: 'sample: "pages" & <guests>',
  initial: 'host.OWNED',
  nodes: [
    {
      id: 'host.OWNED',
      label: 'host: "OWNED"\nguest: NOPAGE',
      tone: 'host',
      about: 'where all begins; a\\b',
    },
    { id: 'host OWNED', label: 'a second id that only differs in a dot', tone: 'guest' },
    { id: '3 <shared> {here}', label: 'shared #1 & borrowed', tone: 'shared' },
    { id: 'end', label: 'done', tone: 'allowed', final: true },
  ],
  edges: [
    { from: 'host.OWNED', to: 'host OWNED', event: 'donate(page="0x1000")', guard: 'a < b' },
    { from: 'host.OWNED', to: 'host OWNED', event: 'donate(page="0x2000")' },
    { from: 'host.OWNED', to: '3 <shared> {here}', event: 'share', result: 'ok' },
    { from: '3 <shared> {here}', to: 'host.OWNED', event: 'un-share; at once' },
    {
      from: '3 <shared> {here}',
      to: '3 <shared> {here}',
      event: 'donate',
      result: '-EPERM',
      refused: true,
    },
    { from: 'host OWNED', to: 'end', event: 'stop\nnow' },
  ],
};
