import { OwnerId, PageState, viewOf } from '../../model/pkvm/index.ts';
import type { Claim, Piece } from './pieces.ts';

/** Something that no sequence of allowed calls leads to. */
export interface Anomaly {
  /** The invariant of facts/pkvm.md 4 that it breaks. */
  readonly invariant: string;
  readonly start: bigint;
  readonly end: bigint;
  /** One sentence. */
  readonly what: string;
  /** It is only so if the parts of guests' tables that are missing do not say otherwise. */
  readonly isUndecided: boolean;
  /** The words that say so, and where they lie. */
  readonly words: readonly {
    readonly table: 'host' | number;
    readonly at: bigint;
    readonly word: bigint;
  }[];
}

export interface Known {
  /** The guests whose tables were given. */
  readonly ids: ReadonlySet<number>;
  readonly isRamKnown: boolean;
  /** Whether a claim may be missing: a guest's table was not given, or the dump does not hold all of it. */
  isIncomplete(vm?: number): boolean;
}

/** What is wrong in one piece. */
export function anomaliesOf(piece: Piece, known: Known): readonly Anomaly[] {
  const { start, end, host, claims } = piece;
  const found: Anomaly[] = [];
  const words = [
    ...(host === undefined ? [] : [{ table: 'host' as const, at: host.at, word: host.word }]),
    ...claims.map(({ vm, leaf }) => ({ table: vm, at: leaf.at, word: leaf.word })),
  ];
  const report: Report = (invariant, what, isUndecided = false) => {
    found.push({ invariant, start, end, what, words, isUndecided });
  };
  if (claims.length > 1) {
    const who = claims.map(({ vm, gpa }) => `guest ${vm} at 0x${gpa.toString(16)}`).join(' and ');
    report('I4', `mapped more than once: by ${who}`);
  }
  for (const claim of claims) guestOwnBits(claim, report);
  if (host !== undefined) {
    hostOwnBits(piece, report);
    agreement(piece, known, report);
  }
  return found;
}

type Report = (invariant: string, what: string, isUndecided?: boolean) => void;

function guestOwnBits({ vm, state, leaf }: Claim, report: Report): void {
  if (leaf.misconfigured !== undefined)
    report('EPT', `the leaf of guest ${vm} is a misconfiguration: ${leaf.misconfigured}`);
  else if (leaf.isPresent && state === 'NOPAGE') report('I5', `guest ${vm} maps it with the state NOPAGE`);
}

function hostOwnBits({ host, start, isRam }: Piece, report: Report): void {
  if (host === undefined) return;
  const { pageState, ownerId, isPresent } = viewOf(host.word);
  if (host.misconfigured !== undefined)
    report('EPT', `the host leaf is a misconfiguration: ${host.misconfigured}`);
  if (isPresent && pageState === PageState.PKVM_NOPAGE)
    report('I5', 'the host maps it with the state NOPAGE');
  if (!isPresent && pageState !== PageState.PKVM_NOPAGE)
    report('I5', 'the host leaf has a page state but maps nothing');
  const offset = start - host.gpa;
  if (isPresent && host.misconfigured === undefined && host.page !== host.gpa)
    report('I6', `the host maps it to 0x${(host.page + offset).toString(16)} instead of itself`);
  if (!isPresent && pageState === PageState.PKVM_NOPAGE && ownerId === OwnerId.PKVM_ID_HOST && isRam)
    report('I14', 'recorded as owned by id 1, the host, which records nothing for its own pages');
}

/** Host and guests against one another, by the host's state. */
function agreement(
  { host, claims, isRam }: Piece,
  { ids, isRamKnown, isIncomplete }: Known,
  report: Report,
): void {
  if (host === undefined) return;
  const { pageState, ownerId } = viewOf(host.word);
  const having = (...states: readonly string[]): readonly Claim[] =>
    claims.filter(({ state }) => states.includes(state));
  const owners = having('OWNED', 'SHARED_OWNED');
  const names = (some: readonly Claim[]): string =>
    some.map(({ vm, state }) => `guest ${vm} has it ${state}`).join(', ');
  const [first] = claims;
  switch (pageState) {
    case PageState.PKVM_NOPAGE: {
      if (ownerId >= OwnerId.firstGuest) {
        const isTheirs = owners.some(({ vm, state }) => vm === ownerId && state === 'OWNED');
        if (!isTheirs && ids.has(ownerId)) {
          const instead =
            first === undefined ? 'does not map it: the page is lost' : `does not own it: ${names(claims)}`;
          report('I3', `recorded as owned by guest ${ownerId}, which ${instead}`, isIncomplete(ownerId));
        }
        const strangers = claims.filter(({ vm }) => vm !== ownerId);
        if (strangers.length > 0) report('I8', `owned by guest ${ownerId}, but ${names(strangers)}`);
      } else if (first !== undefined) {
        report(
          isRam || !isRamKnown ? 'I7' : 'I3',
          `not mapped by the host and owned by no guest, but ${names(claims)}`,
        );
      }
      return;
    }
    case PageState.PKVM_PAGE_OWNED:
      if (first !== undefined) report('I1', `owned by the host alone, but ${names(claims)}`);
      return;
    case PageState.PKVM_PAGE_SHARED_OWNED:
      if (having('SHARED_BORROWED').length === 0)
        report('I2', 'shared by the host with nobody', isIncomplete());
      if (owners.length > 0) report('I1', `owned by the host, but ${names(owners)}`);
      return;
    case PageState.PKVM_PAGE_SHARED_BORROWED:
      if (having('SHARED_OWNED').length === 0)
        report('I2', 'borrowed by the host, but no guest shares it', isIncomplete());
      if (having('OWNED', 'SHARED_BORROWED').length > 0)
        report('I2', `borrowed by the host, but ${names(having('OWNED', 'SHARED_BORROWED'))}`);
  }
}
