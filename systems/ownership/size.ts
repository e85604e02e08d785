import { OwnerId } from '../../model/pkvm/index.ts';
import type { Parameter, Parameters } from '../system.ts';

/** How large the system is and which calls are made. */
export interface OwnershipSize {
  readonly pages: number;
  /** Guest pages of each guest; `own`: page i is only ever mapped at gpa i. */
  readonly gpas: number | 'own';
  readonly protected: number;
  readonly normal: number;
  /** The longest range in a call, in pages. */
  readonly range: number;
  readonly mmio: number;
  /** 1: every grant is rwx; 2: also r-x. */
  readonly prots: number;
  /**
   * `all`: every operation on every guest, malformed arguments and an empty pool of table pages included;
   * `matching`: well-formed calls on guests of the right kind, the yardstick that other checkers are timed on.
   */
  readonly calls: 'all' | 'matching';
  readonly firstGuestId: number;
}

export const parameters: readonly Parameter[] = [
  { name: 'pages', about: 'RAM pages', min: 1, max: 12 },
  {
    name: 'gpas',
    about: 'guest pages of each guest; own: page i only ever at gpa i',
    min: 1,
    max: 12,
    words: ['own'],
  },
  { name: 'protected', about: 'protected VMs', min: 0, max: 8 },
  { name: 'normal', about: 'normal VMs', min: 0, max: 8 },
  { name: 'range', about: 'longest range of a call, in pages', min: 1, max: 4 },
  { name: 'mmio', about: 'MMIO pages', min: 0, max: 2 },
  { name: 'prots', about: 'grants: 1 is rwx, 2 is also r-x', min: 1, max: 2 },
  {
    name: 'calls',
    about:
      'all: malformed ones, guests of the wrong kind and an empty page pool too; matching: none of these',
    min: 0,
    max: 0,
    words: ['all', 'matching'],
  },
];

/** Names that are not given: one page of everything, all calls. */
export const defaultSize: Parameters = {
  pages: 1,
  gpas: 1,
  protected: 1,
  normal: 1,
  range: 1,
  mmio: 0,
  prots: 1,
  calls: 'all',
};

/** @throws RangeError for a combination that makes no sense. */
export function sizeOf(given: Parameters, firstGuestId: number = OwnerId.firstGuest): OwnershipSize {
  const all = { ...defaultSize, ...given };
  const size: OwnershipSize = {
    pages: Number(all.pages),
    gpas: all.gpas === 'own' ? 'own' : Number(all.gpas),
    protected: Number(all.protected),
    normal: Number(all.normal),
    range: Number(all.range),
    mmio: Number(all.mmio),
    prots: Number(all.prots),
    calls: all.calls === 'matching' ? 'matching' : 'all',
    firstGuestId,
  };
  if (size.protected + size.normal === 0)
    throw new RangeError('protected and normal are both 0: no guest is left');
  if (size.range > size.pages)
    throw new RangeError(`range=${size.range} is longer than pages=${size.pages}`);
  return size;
}
