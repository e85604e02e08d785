import type { DifferenceGroup, ProcessorReport } from '../../oracle/processor/index.ts';

/** The causes of the differences that a version of Bochs is known to show: facts/intel-machine.md 1. */
const since27 = [
  'page-walk-write-bit-only',
  'guest-flag-update-unchecked',
  'first-sub-page-only',
  'log-full-at-any-access',
  'bit-12-of-large-page-unchecked',
];
/** Mended in 2.8, says its list of changes. */
const until27 = [
  'odd-bits-unchecked',
  'unreadable-page-eligible',
  'log-address-unaligned',
  'granted-page-kept-writable',
];
/** Of mode-based execute control, which processors of 2.7 do not have. */
const since28 = ['user-execute-in-bit-13'];

/** What is known to be different, by name; nothing of a version that nobody has looked at. */
const knownOf = (version: string): readonly string[] =>
  version === '2.7' ? [...since27, ...until27] : /^3\./.test(version) ? [...since27, ...since28] : [];

/** What a run found, held against what is known of its version. */
export interface MachineVerdict {
  readonly expected: readonly DifferenceGroup[];
  /** Differences that nobody has explained yet. */
  readonly others: readonly DifferenceGroup[];
  /** Known causes that did not show. */
  readonly unseen: readonly string[];
}

export function verdictOn({ groups }: ProcessorReport, version: string): MachineVerdict {
  const known = new Set(knownOf(version));
  const isKnown = ({ causes }: DifferenceGroup): boolean =>
    causes.length > 0 && causes.every(({ name }) => known.has(name));
  const seen = new Set(groups.flatMap(({ causes }) => causes.map(({ name }) => name)));
  return {
    expected: groups.filter(isKnown),
    others: groups.filter(group => !isKnown(group)),
    unseen: [...known].filter(name => !seen.has(name)),
  };
}
