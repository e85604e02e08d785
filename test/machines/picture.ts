/** Reads seed 004's drawn state machine: boxes with a host and a guest line, and the arrows between them. */

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** `OWNED/NOPAGE`: the host's state, then the guest's. */
  readonly state: string;
}

function boxesOf(rows: readonly string[]): Box[] {
  return rows.flatMap((row, top) =>
    [...row.matchAll(/\+-+\+/g)].flatMap(({ 0: border, index: left }) => {
      const right = left + border.length - 1;
      const height = rows.slice(top + 1).findIndex(below => below.slice(left, right + 1) === border);
      const inside = rows.slice(top + 1, top + 1 + height).map(line => line.slice(left, right + 1));
      if (height < 1 || inside.some(line => !/^\|.*\|$/.test(line))) return [];
      const text = inside.join('\n');
      const host = /host\*?\s*:\s*(\w+)/.exec(text)?.[1];
      const guest = /guest\w?\*?\s*:\s*(\w+)/.exec(text)?.[1];
      return [{ top, bottom: top + 1 + height, left, right, state: `${host}/${guest}` }];
    }),
  );
}

/** `from --> to` for every arrow of the picture, sorted. A line without a head is read upwards. */
export function arrowsOf(picture: string): string[] {
  const rows = picture.split('\n');
  const boxes = boxesOf(rows);
  const at = (row: number, column: number): string => rows[row]?.[column] ?? ' ';
  const boxAt = (row: number, column: number): Box => {
    const found = boxes.find(
      ({ top, bottom, left, right }) =>
        row >= top && row <= bottom && column >= left - 1 && column <= right + 1,
    );
    if (found === undefined) throw new Error(`no box at row ${row}, column ${column}`);
    return found;
  };
  const follow = (
    row: number,
    column: number,
    down: number,
    across: number,
    line: string,
  ): [number, number] => {
    let [r, c] = [row + down, column + across];
    while (at(r, c) === line || at(r, c) === ' ') {
      if (at(r, c) === ' ' && across === 0) break;
      [r, c] = [r + down, c + across];
    }
    return [r, c];
  };
  const isInBox = (row: number, column: number): boolean =>
    boxes.some(
      ({ top, bottom, left, right }) => row >= top && row <= bottom && column >= left && column <= right,
    );
  const arrows: [Box, Box][] = [];
  rows.forEach((line, row) => {
    [...line].forEach((mark, column) => {
      if (isInBox(row, column)) return;
      const [before, after] = [
        (): Box => boxAt(...follow(row, column, 0, -1, '-')),
        (): Box => boxAt(...follow(row, column, 0, 1, '-')),
      ];
      const [above, below] = [
        (): Box => boxAt(...follow(row, column, -1, 0, '|')),
        (): Box => boxAt(...follow(row, column, 1, 0, '|')),
      ];
      if (mark === '<') arrows.push([after(), before()]);
      if (mark === '>') arrows.push([before(), after()]);
      if (mark === 'v') arrows.push([above(), below()]);
      if (mark === '^') arrows.push([below(), above()]);
      if (mark === '/' && at(row + 1, column - 1) !== '/') {
        let [r, c] = [row, column];
        while (at(r - 1, c + 1) === '/') [r, c] = [r - 1, c + 1];
        arrows.push([boxAt(row + 1, column - 1), boxAt(r, c + 1)]);
      }
    });
  });
  return arrows.map(([from, to]) => `${from.state} --> ${to.state}`).sort();
}
