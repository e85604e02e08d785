/**
 * How near JavaScript can come where pages meet: three shared gpas, two protected and two normal guests, ranges of
 * two. Five bits a page, one bit a state. Like its sibling it makes no refused call, checks nothing and records
 * nothing.
 *
 * A page is the host's (0), the hypervisor's (1), or at a leaf of a guest: owned by the protected guests' leaf 0 to 5
 * (from 2), shared back there (from 8), lent to the normal guests' leaf 0 to 5 (from 14). Leaf 0 to 2 is the first
 * guest's.
 */
const pages = Number(process.argv[2]);
const callsPerState = 4 * pages - 2 + 8 * (5 * pages - 2) + 20;
const [HOST, HYP, OWNED, BACK, LENT, LEAVES] = [0, 1, 2, 8, 14, 6];
/** Leaves that begin a range of two. */
const pairs = [0, 1, 3, 4];
const leaves = [0, 1, 2, 3, 4, 5];

const seen = new Int32Array(2 ** (5 * pages - 5));
let queue = new Int32Array(2 ** 20);
let found = 0;
const places = new Int32Array(pages);
/** Which page is at a place, and one; 0 where none is. */
const pageAt = new Int32Array(LENT + LEAVES);

function reach(state: number): void {
  const word = seen[state >>> 5] as number;
  const bit = 1 << (state & 31);
  if ((word & bit) !== 0) return;
  seen[state >>> 5] = word | bit;
  if (found === queue.length) {
    const longer = new Int32Array(2 * found);
    longer.set(queue);
    queue = longer;
  }
  queue[found++] = state;
}

const to = (page: number, place: number): number => ((places[page] as number) ^ place) << (5 * page);
const isFree = (leaf: number): boolean => pageAt[OWNED + leaf] === 0 && pageAt[BACK + leaf] === 0;

function oneByOne(state: number, page: number): void {
  const place = places[page] as number;
  if (place !== HOST) {
    reach(state ^ to(page, HOST));
    if (place >= OWNED && place < BACK) reach(state ^ to(page, place + LEAVES));
    else if (place >= BACK && place < LENT) reach(state ^ to(page, place - LEAVES));
    return;
  }
  reach(state ^ to(page, HYP));
  for (const leaf of leaves) {
    if (isFree(leaf)) reach(state ^ to(page, OWNED + leaf));
    if (pageAt[LENT + leaf] === 0) reach(state ^ to(page, LENT + leaf));
  }
}

/** Both pages of a range go back to the host: from the hypervisor, or from two neighbouring leaves of one guest. */
function comeBack(first: number, second: number): boolean {
  if (first === HYP || second === HYP) return first === second;
  const [one, other] = [(first - OWNED) % LEAVES, (second - OWNED) % LEAVES];
  return other === one + 1 && one !== 2 && first >= LENT === second >= LENT;
}

function inPairs(state: number, page: number): void {
  const [first, second] = [places[page] as number, places[page + 1] as number];
  const both = (place: number, next: number): void => reach(state ^ to(page, place) ^ to(page + 1, next));
  if (first !== HOST && second !== HOST && comeBack(first, second)) both(HOST, HOST);
  if (first !== HOST || second !== HOST) return;
  both(HYP, HYP);
  for (const leaf of pairs) {
    if (isFree(leaf) && isFree(leaf + 1)) both(OWNED + leaf, OWNED + leaf + 1);
    if (pageAt[LENT + leaf] === 0 && pageAt[LENT + leaf + 1] === 0) both(LENT + leaf, LENT + leaf + 1);
  }
}

/** A guest shares two neighbouring leaves back, or takes both back. */
function byGuests(state: number): void {
  for (const from of [OWNED, BACK])
    for (const leaf of pairs) {
      const [first, second] = [pageAt[from + leaf] as number, pageAt[from + leaf + 1] as number];
      const target = from === OWNED ? BACK : OWNED;
      if (first !== 0 && second !== 0)
        reach(state ^ to(first - 1, target + leaf) ^ to(second - 1, target + leaf + 1));
    }
}

reach(0);
for (let at = 0; at < found; at++) {
  const state = queue[at] as number;
  pageAt.fill(0);
  for (let page = 0; page < pages; page++) {
    places[page] = (state >>> (5 * page)) & 31;
    pageAt[places[page] as number] = page + 1;
  }
  for (let page = 0; page < pages; page++) oneByOne(state, page);
  for (let page = 0; page + 1 < pages; page++) inPairs(state, page);
  byGuests(state);
}
console.log(JSON.stringify({ states: found, transitions: found * callsPerState }));
