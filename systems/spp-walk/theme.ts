import type { CpuChoice, OutcomeKind } from '../../model/ept/index.ts';
import type { WalkAccess } from './access.ts';
import type { WordSlot } from './image.ts';

/** A part of the walk that is explored by itself: which words vary, on which processor, under which accesses. */
export interface Theme {
  readonly name: string;
  readonly about: string;
  readonly levels: 4 | 5;
  /** The processor but for the fields that vary. */
  readonly cpu: CpuChoice;
  /** The entries, top down. All but the first few are always present. */
  readonly ept: Readonly<Partial<Record<1 | 2 | 3 | 4 | 5, WordSlot>>>;
  readonly sppt: Readonly<Partial<Record<1 | 2 | 3 | 4, WordSlot>>>;
  /** VMCS fields and other words that vary. */
  readonly fields: Readonly<Partial<Record<FieldName, WordSlot>>>;
  /** Words that only the processor writes: the log, the virtualization-exception information. */
  readonly written: readonly WordSlot[];
  readonly accesses: readonly WalkAccess[];
  /** The endings that some combination leads to. */
  readonly endings: readonly OutcomeKind[];
  /** EPTP bit 6: the walk sets accessed and dirty flags. */
  readonly flags: boolean;
}

/** What a slot beside the tables stands for: a VMCS field, a bit of state (0 or 1), the header of the #VE area. */
export type FieldName =
  | 'eptp'
  | 'spptp'
  | 'pmlAddress'
  | 'veInfoAddress'
  | 'pmlIndex'
  | 'spp'
  | 'eptViolationVe'
  | 'eventDelivery'
  | 'protectedMode'
  | 'nmiUnblockingIret'
  | 'veInfo';

/** Every slot of a theme, in the order in which a person reads them. */
export const slotsOf = ({ ept, sppt, fields, written }: Theme): readonly WordSlot[] => [
  ...Object.values(fields),
  ...([5, 4, 3, 2, 1] as const).flatMap(level => ept[level] ?? []),
  ...([4, 3, 2, 1] as const).flatMap(level => sppt[level] ?? []),
  ...written,
];
