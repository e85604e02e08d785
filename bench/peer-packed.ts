/**
 * How near JavaScript can come: a program for this one model, with three bits a page and one bit a state. It knows
 * that a call touches one page, so that a refused call costs nothing, checks nothing and records nothing.
 */
const pages = Number(process.argv[2]);
/** What the page's state becomes, by what it is: the host's, the hypervisor's, owned by a, b, shared back, lent. */
const successors = [[1, 6, 7, 2, 3], [0], [0, 4], [0, 5], [0, 2], [0, 3], [0], [0]] as const;
const callsPerPage = 14;

const seen = new Int32Array(Math.max(1, 8 ** pages / 32));
const queue = new Int32Array(8 ** pages);
seen[0] = 1;
let found = 1;
// the changes of a state, by page and by what the page is now
const changes = Array.from({ length: pages }, (_, page) =>
  successors.map((targets, from) => Int32Array.from(targets, to => (from ^ to) * 8 ** page)),
);
for (let at = 0; at < found; at++) {
  const state = queue[at] as number;
  for (let page = 0, rest = state; page < pages; page++, rest = Math.floor(rest / 8)) {
    const deltas = changes[page]?.[rest % 8] as Int32Array;
    for (let each = 0; each < deltas.length; each++) {
      const next = state ^ (deltas[each] as number);
      const word = seen[next >>> 5] as number;
      const bit = 1 << (next & 31);
      if ((word & bit) !== 0) continue;
      seen[next >>> 5] = word | bit;
      queue[found++] = next;
    }
  }
}
console.log(JSON.stringify({ states: found, transitions: found * pages * callsPerPage }));
