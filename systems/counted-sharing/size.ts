import { type Columns, x86Revisions } from '../../model/pkvm/counted/index.ts';
import { count, flag, oneOf, type SizeOf } from '../size.ts';

/** The revisions by the names that `oracle check --implementation` knows them by. */
const revisions = {
  'x86-2026-strict': x86Revisions.strict,
  'x86-2026': x86Revisions.G2c,
  'x86-2026-g2b': x86Revisions.G2b,
  'x86-2026-g2a': x86Revisions.G2a,
} as const satisfies Record<string, Columns>;
export type Revision = keyof typeof revisions;
const revisionNames = ['x86-2026-strict', 'x86-2026', 'x86-2026-g2b', 'x86-2026-g2a'] as const;

export const size = {
  revision: oneOf(
    revisionNames,
    'x86-2026: as built, a failure keeps what was done until then; strict: a refused call changes nothing',
  ),
  pages: count(1, 6, 'RAM pages of the host'),
  gpas: count(1, 4, 'guest pages of each VM'),
  protected: count(0, 3, 'protected VMs', 1),
  normal: count(0, 3, 'non-protected VMs', 1),
  counts: count(1, 5, 'what a counter of a record can hold: 65535 in the code', 2),
  devices: count(0, 6, 'devices, each of which may map each page for DMA', 1),
  range: count(1, 3, 'longest range of a call, in pages'),
  mmio: count(0, 2, 'MMIO pages'),
  prots: count(1, 2, 'rights that a page is shared with: rwx, r-x'),
  hyp: flag('pages are also shared with the hypervisor and given to it', 1),
  readOnly: flag('pages are also given to the hypervisor read-only', 1),
  tables: oneOf(
    ['there', 'may be missing'],
    'whether calls are also made while no page can be had for a table of the guest',
  ),
  calls: oneOf(
    ['all', 'matching'],
    'all: malformed ones and VMs of the wrong kind too; matching: none of these',
  ),
  accessed: flag('leaves are marked as used, and the host asks for it'),
  running: flag('vCPUs are loaded and put: a VM that is in use cannot be torn down'),
  block: flag('the last page of the host and of each VM begins a leaf of 2 MByte'),
};
export type CountedSize = SizeOf<typeof size>;

/** The columns of the revision, with the counters of this size. */
export const columnsOf = ({ revision, counts }: CountedSize): Columns => ({
  ...revisions[revision],
  countMax: counts,
});

export function refuse({
  pages,
  range,
  protected: guarded,
  normal,
  block,
}: CountedSize): string | undefined {
  if (guarded + normal === 0) return 'protected and normal are both 0: no VM is left';
  if (block && range > 2) return 'block=1 with range above 2: a range would cut the large leaf twice';
  return range > pages ? `range=${range} is longer than pages=${pages}` : undefined;
}
