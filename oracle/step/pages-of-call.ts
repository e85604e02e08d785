import {
  annotation,
  guestLeaf,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  operations,
  PAGE_SIZE,
  type PageOfCall,
  PageState,
  PROT_RWX,
  viewOf,
} from '../../model/pkvm/index.ts';
import { physicalLimit } from '../../model/memory/index.ts';
import type { Alternative } from './candidates.ts';
import type { Focus } from './focus.ts';
import type { Word } from './word.ts';
import type { NamedCall } from './named-call.ts';
import type { Need } from './verdict.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

type Pair = readonly [host: PageState, guest: PageState];

/** The pairs of states in which each operation succeeds: host leaf, guest leaf. facts/pkvm.md 3. */
const enabling: Readonly<Record<OperationName, readonly [Pair, ...Pair[]]>> = {
  host_donate_hyp: [[PKVM_PAGE_OWNED, PKVM_NOPAGE]],
  hyp_donate_host: [[PKVM_NOPAGE, PKVM_NOPAGE]],
  host_share_guest: [[PKVM_PAGE_OWNED, PKVM_NOPAGE]],
  host_unshare_guest: [[PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED]],
  host_donate_guest: [[PKVM_PAGE_OWNED, PKVM_NOPAGE]],
  host_undonate_guest: [
    [PKVM_NOPAGE, PKVM_PAGE_OWNED],
    [PKVM_PAGE_SHARED_BORROWED, PKVM_PAGE_SHARED_OWNED],
  ],
  guest_share_host: [[PKVM_NOPAGE, PKVM_PAGE_OWNED]],
  guest_unshare_host: [[PKVM_PAGE_SHARED_BORROWED, PKVM_PAGE_SHARED_OWNED]],
};

/** Pages of a call that follow one another and whose leaves are of one kind: the first stands for all of them. */
export interface PageRun {
  readonly pages: number;
  readonly page: PageOfCall;
  /** The leaves that it depends on and nobody knows. */
  readonly needs: readonly Need[];
  /** The guest's leaf is not known, so nobody knows which page the guest's own call is about. */
  readonly isSomePage: boolean;
}

/** At most so many pages of a call are looked at: 1 GByte. */
const maxCallPages = 262_144;

/** Whether a call names more pages than are looked at. */
export const isTooLong = (size: bigint): boolean => size / PAGE_SIZE > maxCallPages;

const pageOf = (address = 0n): bigint => address - (address % PAGE_SIZE);

/** The call's range as runs, each looked at once, as far as it is looked at. */
function* pageRuns(focus: Focus, from: Alternative, { name, args }: NamedCall): Generator<PageRun> {
  const { names } = operations[name];
  const { vm = 0, size } = args;
  // an address inside a page is refused by the specification; of a hypervisor that takes it, the page is looked at
  const [hpa, gpa] = [pageOf(args.hpa), pageOf(args.gpa)];
  const total = isTooLong(size) ? maxCallPages : Number(size / PAGE_SIZE);
  for (let done = 0; done < total;) {
    const offset = BigInt(done) * PAGE_SIZE;
    const most = total - done;
    const guest =
      names === 'hpa' ? { word: NEVER_MAPPED, pages: most } : focus.stretch(from, vm, gpa + offset, most);
    const isSomePage = names === 'gpa' && guest.word === 'unknown';
    const page = names === 'gpa' ? pageMappedBy(guest.word) : hpa + offset;
    const host = isSomePage
      ? { word: 'unknown' as const, pages: guest.pages }
      : focus.stretch(from, 'host', page, guest.pages);
    const pages = Math.min(guest.pages, host.pages);
    const place = { hpa: page, gpa: gpa + offset, vm: names === 'hpa' ? 0 : vm };
    yield runOf({ name, args }, place, { host: host.word, guest: guest.word }, pages, isSomePage);
    done += pages;
  }
}

/** The runs of a call, looked at when they are asked for, as often as they are. */
export class RunsOfCall implements Iterable<PageRun> {
  readonly #seen: PageRun[] = [];
  readonly #more: Iterator<PageRun>;

  constructor(focus: Focus, from: Alternative, named: NamedCall) {
    this.#more = pageRuns(focus, from, named);
  }

  *[Symbol.iterator](): Generator<PageRun> {
    for (let at = 0; ; at++) {
      const known = this.#seen[at] ?? this.#next();
      if (known === undefined) return;
      yield known;
    }
  }

  /** The leaves that were asked for and nobody knows. */
  get needs(): readonly Need[] {
    return this.#seen.flatMap(({ needs }) => needs);
  }

  #next(): PageRun | undefined {
    const { value, done } = this.#more.next();
    if (done === true) return undefined;
    this.#seen.push(value);
    return value;
  }
}

/** The first page of each run, which stands for all of them. */
export class PagesOfRuns implements Iterable<PageOfCall> {
  readonly #runs: Iterable<PageRun>;

  constructor(runs: Iterable<PageRun>) {
    this.#runs = runs;
  }

  *[Symbol.iterator](): Generator<PageOfCall> {
    for (const { page } of this.#runs) yield page;
  }
}

const pageMappedBy = (guest: Word): bigint => (guest === 'unknown' ? 0n : viewOf(guest).page);

type Place = Pick<PageOfCall, 'hpa' | 'gpa' | 'vm'>;

/** A run in which a leaf that nobody knows is as it must be for the call to succeed; which were asked for is noted. */
function runOf(
  named: NamedCall,
  place: Place,
  words: { readonly host: Word; readonly guest: Word },
  pages: number,
  isSomePage: boolean,
): PageRun {
  const { host, guest } = words;
  if (host !== 'unknown' && guest !== 'unknown')
    return {
      pages,
      page: { ...place, hostLeaf: () => host, guestLeaf: () => guest },
      needs: [],
      isSomePage,
    };
  const needs: Need[] = [];
  const asked = (table: 'host' | number, address: bigint): void => {
    if (!needs.some(need => need.table === table)) needs.push({ table, address });
  };
  let assumed: { readonly host: bigint; readonly guest: bigint } | undefined;
  const assume = () => (assumed ??= enablingWords(named, place, words));
  const page: PageOfCall = {
    ...place,
    hostLeaf: () => {
      if (host !== 'unknown') return host;
      if (!isSomePage) asked('host', place.hpa);
      return assume().host;
    },
    guestLeaf: () => {
      if (guest !== 'unknown') return guest;
      asked(place.vm, place.gpa);
      return assume().guest;
    },
  };
  return { pages, page, needs, isSomePage };
}

/** The words that unknown leaves would have if the call is to succeed, as far as the known ones let it. */
export function enablingWords(
  { name, args }: NamedCall,
  { hpa, vm }: Place,
  words: { readonly host: Word; readonly guest: Word },
): { readonly host: bigint; readonly guest: bigint } {
  const isIn = (word: Word, state: PageState): boolean =>
    word === 'unknown' || viewOf(word).pageState === state;
  const [first] = enabling[name];
  const [host, guest] =
    enabling[name].find(
      ([hostState, guestState]) => isIn(words.host, hostState) && isIn(words.guest, guestState),
    ) ?? first;
  if (hpa >= physicalLimit) return { host: NEVER_MAPPED, guest: NEVER_MAPPED }; // no leaf maps it
  return {
    host: host === PKVM_NOPAGE ? annotation(vm) : hostLeaf(hpa, host),
    guest: guest === PKVM_NOPAGE ? NEVER_MAPPED : guestLeaf(hpa, args.prot ?? PROT_RWX, guest),
  };
}
