import { addressHex } from '../../../model/bits/index.ts';
import { ownerOf } from './owner.ts';
import { type Complaint, nameOf, type PageEvidence, type Stage2Claim } from './page-rules.ts';
import { recordAddress, type Records } from './records.ts';

const pageBytes = 4096n;

/** What is wrong with one page, with every word that says so. */
export interface Arm64Anomaly {
  readonly page: bigint;
  readonly invariants: readonly string[];
  /** One sentence each. */
  readonly what: readonly string[];
  readonly words: readonly { readonly table: string; readonly at: bigint; readonly word: bigint }[];
}

export interface Arm64OwnedRange {
  readonly start: bigint;
  readonly end: bigint;
  /** `host`, `hypervisor`, `guest 0x1000`, `FF-A`, `unknown`. */
  readonly owner: string;
  readonly sharedWith: readonly string[];
}

/** Gathers what the pages say. */
export class Findings {
  readonly owners: { start: bigint; end: bigint; owner: string; sharedWith: readonly string[] }[] = [];
  readonly anomalies: Arm64Anomaly[] = [];
  readonly undecided: Arm64Anomaly[] = [];
  readonly missingRecordPages = new Set<bigint>();
  unrecorded = 0;
  /** Pages that no leaf of the host's table covers. */
  uncovered = 0;
  locked = 0;
  pages = 0;
  #before: PageEvidence | undefined;
  readonly #unnamed: readonly number[];

  constructor(unnamed: readonly number[]) {
    this.#unnamed = unnamed;
  }

  unrecordedPage(records: Records, page: bigint): void {
    const record = recordAddress(records, page);
    if (record !== undefined) this.missingRecordPages.add(record - (record % pageBytes));
    this.unrecorded++;
  }

  page(evidence: PageEvidence, complaints: readonly Complaint[]): void {
    this.pages++;
    if (evidence.host === undefined) this.uncovered++;
    if (evidence.host?.meaning.kind === 'locked') this.locked++;
    this.#own(evidence);
    if (complaints.length === 0) return;
    for (const [isUndecided, list] of [
      [false, this.anomalies],
      [true, this.undecided],
    ] as const) {
      const some = complaints.filter(complaint => complaint.isUndecided === isUndecided);
      if (some.length === 0) continue;
      list.push({
        page: evidence.page,
        invariants: [...new Set(some.map(({ invariant }) => invariant))],
        what: some.map(({ what }) => what),
        words: wordsOf(evidence),
      });
    }
  }

  outsideRam(page: bigint, claims: readonly Stage2Claim[]): void {
    this.undecided.push({
      page,
      invariants: ['I11'],
      what: claims.map(
        ({ handle, ipa }) =>
          `${nameOf(handle)} maps it at ${addressHex(ipa)}, outside the RAM that was looked at`,
      ),
      words: wordsOf({ page, host: undefined, record: undefined, claims }),
    });
  }

  /** I7: the pages of tables are the hypervisor's, and nobody else may write them. */
  tablePage(table: string, evidence: PageEvidence): void {
    const { page, host } = evidence;
    const meaning = host?.meaning;
    if (meaning?.kind !== 'lazy' && !(meaning?.kind === 'mapped' && !meaning.isReadOnly)) return;
    const what = `the ${table} table lies in a page that the host may write`;
    this.anomalies.push({ page, invariants: ['I7'], what: [what], words: wordsOf(evidence) });
  }

  /** What the second descriptor maps was not read: a table is a tree. */
  usedTwice(table: string, page: bigint, at: bigint): void {
    const what = `the ${table} table refers to this page a second time, from ${addressHex(at)}`;
    this.anomalies.push({ page, invariants: ['table'], what: [what], words: [] });
  }

  done() {
    const { owners, anomalies, undecided, unrecorded, uncovered, locked, pages } = this;
    return {
      owners,
      anomalies,
      undecided,
      unrecorded,
      uncovered,
      locked,
      pages,
      missingRecordPages: [...this.missingRecordPages],
    };
  }

  #own(evidence: PageEvidence): void {
    const last = this.owners.at(-1);
    const { host, record, claims, page } = evidence;
    const isLikeBefore =
      this.#before !== undefined &&
      claims.length === 0 &&
      this.#before.claims.length === 0 &&
      record === this.#before.record &&
      host?.meaning === this.#before.host?.meaning;
    this.#before = evidence;
    if (isLikeBefore && last?.end === page) {
      last.end += pageBytes;
      return;
    }
    const { owner, sharedWith } = ownerOf(evidence, this.#unnamed);
    const isSame =
      last?.end === evidence.page && last.owner === owner && last.sharedWith.join() === sharedWith.join();
    if (isSame) last.end += pageBytes;
    else this.owners.push({ start: evidence.page, end: evidence.page + pageBytes, owner, sharedWith });
  }
}

function wordsOf({ host, claims }: PageEvidence): Arm64Anomaly['words'] {
  return [
    ...(host === undefined ? [] : [{ table: 'host', at: host.leaf.at, word: host.leaf.word }]),
    ...claims.map(({ handle, leaf }) => ({ table: nameOf(handle), at: leaf.at, word: leaf.word })),
  ];
}
