import type { Arm64Kernel, Arm64PageStateName, PageRecord } from '../../../model/arm64/index.ts';
import { addressHex } from '../../../model/bits/index.ts';
import { type HostLeafMeaning, isState, recordedState } from './meaning.ts';
import type { Stage2Leaf } from './read-stage2.ts';

/** One guest's leaf that maps a page. */
export interface Stage2Claim {
  readonly handle: number;
  /** Where the guest sees the page. */
  readonly ipa: bigint;
  readonly state: Arm64PageStateName;
  readonly leaf: Stage2Leaf;
}

/** All that is known of one page. */
export interface PageEvidence {
  readonly page: bigint;
  readonly host: { readonly leaf: Stage2Leaf; readonly meaning: HostLeafMeaning } | undefined;
  /** The page's record; `undefined` where the kernel has none or the memory does not hold it. */
  readonly record: PageRecord | undefined;
  readonly claims: readonly Stage2Claim[];
}

/** What the audit knows beside the page. */
export interface Surroundings {
  readonly kernel: Arm64Kernel;
  /** Whether a claim of that guest (or of any) may be missing from what was read. */
  isIncomplete(handle?: number): boolean;
}

/** One thing that no sequence of allowed calls leads to; undecided where a missing table could still explain it. */
export interface Complaint {
  readonly invariant: string;
  readonly what: string;
  readonly isUndecided: boolean;
}

type Complain = (invariant: string, what: string, isUndecided?: boolean) => void;

/** Everything that is wrong with one page. The invariants are those of facts/pkvm.md 4, read on arm64's words. */
export function complaintsOf(evidence: PageEvidence, surroundings: Surroundings): readonly Complaint[] {
  const found: Complaint[] = [];
  const complain: Complain = (invariant, what, isUndecided = false) => {
    found.push({ invariant, what, isUndecided });
  };
  wellFormed(evidence, complain);
  claimsAgainstOneAnother(evidence, surroundings, complain);
  if (evidence.host !== undefined) claimsAgainstHost(evidence, surroundings, complain);
  if (evidence.record !== undefined) {
    recordAgainstItself(evidence.record, complain);
    if (evidence.host !== undefined) recordAgainstHost(evidence, complain);
    recordAgainstClaims(evidence, surroundings, complain);
  }
  return found;
}

/** A guest as it is called in every message. */
export const nameOf = (handle: number): string => `guest ${addressHex(BigInt(handle))}`;

const at = ({ handle, ipa }: Stage2Claim): string => `${nameOf(handle)} at ${addressHex(ipa)}`;

const having = (claims: readonly Stage2Claim[], state: Arm64PageStateName): readonly Stage2Claim[] =>
  claims.filter(claim => claim.state === state);

function wellFormed({ page, host, claims }: PageEvidence, complain: Complain): void {
  if (host?.meaning.kind === 'not understood')
    complain('I5', `the host's leaf is neither valid nor an annotation of this kernel`);
  if (host?.meaning.kind === 'mapped') {
    const maps = host.leaf.output + (page - host.leaf.ipa);
    if (maps !== page) complain('I6', `the host maps it to ${addressHex(maps)} instead of itself`);
    if (host.meaning.state === 'NOPAGE') complain('I5', 'the host maps it with the state NOPAGE');
  }
  for (const claim of having(claims, 'NOPAGE'))
    complain('I5', `${at(claim)} maps it with the state NOPAGE`);
}

/** I4: who owns a page alone, or lends it, is one guest at one address. */
function claimsAgainstOneAnother(
  { claims }: PageEvidence,
  { kernel }: Surroundings,
  complain: Complain,
): void {
  if (!kernel.tracksNormalGuests) return;
  const owners = claims.filter(({ state }) => state === 'OWNED' || state === 'SHARED_OWNED');
  if (owners.length > 1) complain('I4', `owned more than once: by ${owners.map(at).join(' and ')}`);
  const [owner] = owners;
  const borrowers = having(claims, 'SHARED_BORROWED');
  if (owner !== undefined && borrowers.length > 0)
    complain(
      'I4',
      `owned by ${at(owner)} and borrowed from the host by ${borrowers.map(at).join(' and ')}`,
    );
}

/** The host's leaf against what the guests map. */
function claimsAgainstHost(evidence: PageEvidence, surroundings: Surroundings, complain: Complain): void {
  const { host, claims } = evidence;
  const { kernel, isIncomplete } = surroundings;
  if (host === undefined) return;
  const { meaning } = host;
  switch (meaning.kind) {
    case 'hypervisor':
    case 'ffa':
      for (const claim of claims)
        complain(
          'I7',
          `${meaning.kind === 'ffa' ? 'lent to FF-A' : 'owned by the hypervisor'}, but ${at(claim)} maps it`,
        );
      return;
    case 'guest': {
      const { handle, gfn } = meaning;
      const recorded = `${nameOf(handle)} at ${addressHex(gfn << 12n)}`;
      const theirs = claims.filter(claim => claim.handle === handle);
      const isThere = theirs.some(({ ipa, state }) => ipa >> 12n === gfn && state === 'OWNED');
      if (!isThere) {
        const instead = theirs.map(claim => `${at(claim)} has it ${claim.state}`).join(' and ');
        const why = instead === '' ? 'which does not map it: the page is lost' : `but ${instead}`;
        complain(
          'I3',
          `recorded as owned by ${recorded}, ${why}`,
          theirs.length === 0 && isIncomplete(handle),
        );
      }
      const strangers = claims.filter(claim => claim.handle !== handle);
      if (strangers.length > 0)
        complain(
          'I8',
          `recorded as owned by ${recorded}, but mapped by ${strangers.map(at).join(' and ')}`,
        );
      return;
    }
    case 'lazy':
    case 'mapped': {
      if (!kernel.tracksNormalGuests) return;
      for (const claim of having(claims, 'OWNED'))
        complain('I1', `owned by ${at(claim)} and by the host, whose leaf ${hostHas(meaning)}`);
      return;
    }
    case 'locked':
    case 'not understood':
  }
}

const hostHas = (meaning: HostLeafMeaning): string =>
  meaning.kind === 'mapped' ? `maps it` : 'is 0, mapped when the host touches it';

function recordAgainstItself({ host, hyp, shareCount }: PageRecord, complain: Complain): void {
  const pair = `host ${recordedState(host)}, hypervisor ${recordedState(hyp)}`;
  if (host > 3 || hyp > 3) complain('I5', `its record has a state that is none: ${pair}`);
  const isHyps = isState(hyp, 'OWNED') || isState(hyp, 'SHARED_OWNED');
  if (isHyps && !isState(host, isState(hyp, 'OWNED') ? 'NOPAGE' : 'SHARED_BORROWED'))
    complain('I1', `its record gives it to two owners: ${pair}`);
  if (isState(hyp, 'SHARED_BORROWED') && !isState(host, 'SHARED_OWNED'))
    complain('I2', `the hypervisor borrows it, but its record says: ${pair}`);
  if (shareCount > 0 && !isState(host, 'SHARED_OWNED'))
    complain('J3', `its record counts ${shareCount} shares with guests, but says: ${pair}`);
  if (isState(host, 'SHARED_OWNED') && shareCount === 0 && !isState(hyp, 'SHARED_BORROWED'))
    complain('J3', 'its record says shared by the host, but with nobody');
}

/** The second witness: annotated or read-only exactly where the record keeps the page from the host. */
function recordAgainstHost({ host, record }: PageEvidence, complain: Complain): void {
  if (host === undefined || record === undefined) return;
  const { meaning } = host;
  const said = `its record says host ${recordedState(record.host)}, hypervisor ${recordedState(record.hyp)}`;
  const isKept = isState(record.host, 'NOPAGE');
  switch (meaning.kind) {
    case 'hypervisor':
      if (!isKept || !isState(record.hyp, 'OWNED'))
        complain('vmemmap', `the host's leaf says owned by the hypervisor; ${said}`);
      return;
    case 'guest':
      if (!isKept || !isState(record.hyp, 'NOPAGE'))
        complain('vmemmap', `the host's leaf says owned by a guest; ${said}`);
      return;
    case 'lazy':
      if (isKept) complain('vmemmap', `the host's leaf is 0, so it may touch the page; ${said}`);
      return;
    case 'mapped': {
      // "27 pages of hyp text that the host maps r-- although the hypervisor owns them"
      const isHypText = meaning.isReadOnly && isKept && isState(record.hyp, 'OWNED');
      if (isKept && !isHypText) complain('vmemmap', `the host maps it; ${said}`);
      return;
    }
    case 'ffa':
    case 'locked':
    case 'not understood':
  }
}

function recordAgainstClaims(
  { record, claims }: PageEvidence,
  { isIncomplete }: Surroundings,
  complain: Complain,
): void {
  if (record === undefined) return;
  const owned = having(claims, 'OWNED');
  const lent = having(claims, 'SHARED_OWNED');
  const borrowed = having(claims, 'SHARED_BORROWED');
  const said = `its record says host ${recordedState(record.host)}`;
  for (const claim of owned) {
    if (!isState(record.host, 'NOPAGE')) complain('I1', `owned by ${at(claim)}; ${said}`);
    if (isState(record.hyp, 'OWNED')) complain('I7', `owned by ${at(claim)} and by the hypervisor`);
  }
  for (const claim of lent)
    if (!isState(record.host, 'SHARED_BORROWED'))
      complain('I2', `lent to the host by ${at(claim)}; ${said}`);
  for (const claim of borrowed)
    if (!isState(record.host, 'SHARED_OWNED')) complain('I2', `borrowed by ${at(claim)}; ${said}`);
  const isLent = isState(record.host, 'SHARED_BORROWED') && !isState(record.hyp, 'SHARED_OWNED');
  if (isLent && lent.length === 0)
    complain('I2', 'borrowed by the host, but no guest lends it', isIncomplete());
  if (record.shareCount !== borrowed.length && isState(record.host, 'SHARED_OWNED'))
    complain(
      'J3',
      `its record counts ${record.shareCount} shares with guests, of which ${borrowed.length} ${borrowed.length === 1 ? 'is' : 'are'} mapped`,
      record.shareCount > borrowed.length && isIncomplete(),
    );
}
