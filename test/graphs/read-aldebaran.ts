/** A reader of `.aut` written from the format's published grammar, not from our writer. */
export interface Lts {
  readonly initial: number;
  readonly states: number;
  readonly transitions: readonly { readonly from: number; readonly label: string; readonly to: number }[];
}

/** @throws SyntaxError for a line that is none of the format's two, or a number that the header does not allow. */
export function readAldebaran(text: string): Lts {
  const [header = '', ...rows] = text.split('\n').filter(line => line.trim() !== '');
  const des = /^des\s*\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)\s*$/.exec(header);
  if (des === null) throw new SyntaxError(`not a header: ${header}`);
  const [initial, count, states] = des.slice(1).map(Number) as [number, number, number];
  const transitions = rows.map(row => {
    const edge = /^\(\s*(\d+)\s*,\s*(?:"([^"]*)"|([A-Za-z][^,"]*))\s*,\s*(\d+)\s*\)\s*$/.exec(row);
    if (edge === null) throw new SyntaxError(`not a transition: ${row}`);
    return { from: Number(edge[1]), label: edge[2] ?? edge[3] ?? '', to: Number(edge[4]) };
  });
  if (transitions.length !== count)
    throw new SyntaxError(`${count} transitions announced, ${transitions.length} found`);
  for (const at of [initial, ...transitions.flatMap(({ from, to }) => [from, to])]) {
    if (at >= states) throw new SyntaxError(`state ${at} of ${states}`);
  }
  return { initial, states, transitions };
}
