import type { Anomaly } from './anomalies.ts';
import type { Piece } from './pieces.ts';
import type { NamedReading } from './read-table.ts';

const pageBytes = 4096n;

/** The tables themselves: their pages belong to the hypervisor and are referred to once. */
export function tableAnomalies(tables: readonly NamedReading[], cut: readonly Piece[]): readonly Anomaly[] {
  const reachable = tables.flatMap(({ id, reading }) =>
    [...reading.pages].flatMap(page =>
      reachedBy(page, cut).map(anomaly => ({
        ...anomaly,
        what: `${nameOf(id)} lies in a page that ${anomaly.what}`,
      })),
    ),
  );
  const twice = tables.flatMap(({ id, reading }) =>
    reading.usedTwice.map(({ page, at }) => ({
      invariant: 'EPT',
      start: page,
      end: page + pageBytes,
      what: `${nameOf(id)} refers to this page a second time, from 0x${at.toString(16)}`,
      words: [],
      isUndecided: false,
    })),
  );
  return [...reachable, ...twice];
}

const nameOf = (id: 'host' | number): string =>
  id === 'host' ? 'the host EPT' : `the table of guest ${id}`;

/** Who maps a page of a table. Invariant I7: what is the hypervisor's is mapped by nobody. */
function reachedBy(page: bigint, cut: readonly Piece[]): readonly Anomaly[] {
  const piece = pieceAt(page, cut);
  if (piece === undefined) return [];
  const { host, claims } = piece;
  const place = { invariant: 'I7', start: page, end: page + pageBytes, isUndecided: false };
  return [
    ...(host?.isPresent === true
      ? [
          {
            ...place,
            what: 'the host maps',
            words: [{ table: 'host' as const, at: host.at, word: host.word }],
          },
        ]
      : []),
    ...claims.map(({ vm, leaf }) => ({
      ...place,
      what: `guest ${vm} maps`,
      words: [{ table: vm, at: leaf.at, word: leaf.word }],
    })),
  ];
}

/** The piece that holds an address: they are in order, so halving finds it. */
function pieceAt(address: bigint, cut: readonly Piece[]): Piece | undefined {
  let [low, high] = [0, cut.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const piece = cut[middle];
    if (piece === undefined) return undefined;
    if (address < piece.start) high = middle;
    else if (address >= piece.end) low = middle + 1;
    else return piece;
  }
  return undefined;
}
