import { count, oneOf, type SizeOf } from '../size.ts';

/** What a size chooses: how large the system is and which calls are made. */
export const parameters = {
  pages: count(1, 12, 'RAM pages'),
  gpas: count(1, 12, 'guest pages of each guest; own: page i only ever at gpa i').or('own'),
  protected: count(0, 8, 'protected VMs', 1),
  normal: count(0, 8, 'normal VMs', 1),
  range: count(1, 4, 'longest range of a call, in pages'),
  mmio: count(0, 2, 'MMIO pages'),
  prots: count(1, 2, 'grants: 1 is rwx, 2 is also r-x'),
  /** `matching` is the yardstick that other checkers are timed on. */
  calls: oneOf(
    ['all', 'matching'],
    'all: malformed ones, guests of the wrong kind and an empty page pool too; matching: none of these',
  ),
};

export type OwnershipSize = SizeOf<typeof parameters>;

/** Why there is no system of that size. */
export function refuse({ pages, range, protected: guarded, normal }: OwnershipSize): string | undefined {
  if (guarded + normal === 0) return 'protected and normal are both 0: no guest is left';
  return range > pages ? `range=${range} is longer than pages=${pages}` : undefined;
}
