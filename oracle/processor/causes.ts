import { faults, readings, rulesWith, type WalkFault } from '../../model/ept/index.ts';
import { facts, type Source } from '../../model/citation.ts';
import type { ProcessorRules, Shortcut } from './expected.ts';

/** One way to depart from the specification that may be why a processor differs from it. */
export interface Cause {
  /** The name of a reading or a fault of the walk, or of a translation that is kept. */
  readonly name: string;
  readonly about: string;
  readonly source: Source;
  /** Another reading of the sources: not simply wrong. */
  readonly isReading: boolean;
  readonly faults: readonly WalkFault[];
  readonly shortcuts: readonly Shortcut[];
}

const walkCause =
  (isReading: boolean) =>
  (fault: WalkFault): Cause => ({
    name: fault.name,
    about: fault.about,
    source: fault.source,
    isReading,
    faults: [fault],
    shortcuts: [],
  });

const shortcut = (name: Shortcut, about: string, source: Source): Cause => ({
  name,
  about,
  source,
  isReading: false,
  faults: [],
  shortcuts: [name],
});

/** All that are known, readings first. */
export const causes: readonly Cause[] = [
  ...readings.map(walkCause(true)),
  ...faults.map(walkCause(false)),
  shortcut(
    'granted-page-kept-writable',
    'After a write that its sub-page vector grants, the whole page is writable until translations are flushed.',
    facts.intelMachine('1', 'a page written through SPP is then writable as a whole from the TLB'),
  ),
  shortcut(
    'guest-flag-update-unchecked',
    "The accessed flag of a guest's page-table entry is set without asking the EPT for the right to write.",
    facts.eptSpp('2.1', 'no EPT W check at all'),
  ),
  shortcut(
    'log-full-at-any-access',
    'With a log index above 511 the first access of the guest exits as log full, whatever it is.',
    facts.eptSpp('2.1', 'exit 62 whenever index>=512'),
  ),
];

/** The specification with these causes. */
export const rulesOf = (some: readonly Cause[]): ProcessorRules => ({
  walk: rulesWith(some.flatMap(cause => cause.faults)),
  shortcuts: some.flatMap(({ shortcuts }) => shortcuts),
});
