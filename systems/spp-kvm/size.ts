import { guestAccess, subPageBytes } from '../../model/ept/index.ts';
import {
  FULL_VECTOR,
  type GuestAccess,
  gpaOf,
  vectorDenying,
  type VmShape,
} from '../../model/kvm/index.ts';
import { count, flag, oneOf, type SizeOf } from '../size.ts';

/** The dialects that can be explored, by the name that `--set dialect=` takes. */
const dialectNames = ['normative', '2017', '2019', 'v7'] as const;
export type DialectName = (typeof dialectNames)[number];

/** What a size chooses. */
export const parameters = {
  frames: count(1, 4, 'guest frames'),
  boundary: flag('the frames lie on both sides of a 2-MByte boundary, not all below it'),
  vcpus: count(1, 2, 'vCPUs'),
  vectors: count(2, 4, 'vectors that user space sets, the full one included', 4),
  accesses: count(1, 4, 'writes to each frame: one sub-page, another, both at once, and a read', 4),
  subPage: count(0, 30, 'the first of the two neighbouring sub-pages that are written', 30),
  range: count(1, 4, 'frames of the largest GET and SET'),
  mixed: flag('a SET of several frames may give each another vector'),
  sections: flag("other things may happen between an ioctl's locked sections", 1),
  tlb: flag('processors cache write grants until a flush'),
  large: flag('the host backs the memory with 2-MByte pages'),
  logging: flag('dirty logging'),
  tracking: flag('access tracking'),
  mm: flag('the host unmaps frames and KVM maps them unasked'),
  memslots: count(0, 2, 'memslots that come and go; 0: one that stays'),
  roots: flag('vCPUs free the EPT roots'),
  emulation: flag('KVM emulates guest writes'),
  late: flag('vCPUs are created after the VM'),
  other: flag('another VM on the same host'),
  malformed: flag('ioctls with bad arguments'),
  dialect: oneOf(dialectNames, 'whose behaviour'),
};
type Chosen = SizeOf<typeof parameters>;

/** What the system is made of: what was chosen, and the frames, accesses and vectors that follow from it. */
export interface SppKvmSize extends Omit<Chosen, 'vectors'> {
  readonly shape: VmShape;
  readonly vectors: readonly number[];
}

/** The last frame below the second 2-MByte boundary: the one after it lies in the next region. */
const lastOfRegion = 0x1ffn;

function framesOf(count: number, boundary: boolean): readonly bigint[] {
  const above = boundary ? Math.floor(count / 2) : 0;
  const first = lastOfRegion + 1n + BigInt(above - count);
  return Array.from({ length: count }, (_, i) => first + BigInt(i));
}

/**
 * The accesses of one frame. The two written sub-pages stand for all 32: every piece of code treats them alike
 * (`test/systems/spp-kvm/sub-pages.test.ts`), and a pair of neighbours can be told apart by a vector, can be crossed
 * by one write, and with 31 touches the page's end.
 */
function accessesOf(
  gfn: bigint,
  subPage: number,
  count: number,
  emulation: boolean,
): readonly GuestAccess[] {
  const at = (n: number, offset: number): bigint => gpaOf(gfn) + BigInt(n) * subPageBytes + BigInt(offset);
  const frame = `gfn 0x${gfn.toString(16)}`;
  const write = (name: string, gpa: bigint, kind: 'write' | 'rmw' = 'write'): GuestAccess => ({
    name: `${name} of ${frame}`,
    gfn,
    access: guestAccess(kind, gpa, { size: 8 }),
    writes: true,
  });
  const all = [
    write(`write to sub-page ${subPage + 1}`, at(subPage + 1, 120)),
    write(`write to sub-page ${subPage}`, at(subPage, 120)),
    write(`write across sub-pages ${subPage} and ${subPage + 1}`, at(subPage, 124)),
    { name: `read of ${frame}`, gfn, access: guestAccess('read', gpaOf(gfn), { size: 8 }), writes: false },
  ];
  const exchange = write(`compare-and-exchange in sub-page ${subPage + 1}`, at(subPage + 1, 120), 'rmw');
  return [...all.slice(0, count), ...(emulation ? [exchange] : [])];
}

/** Why there is no VM of that size. */
export function refuse({ frames, memslots, range }: Chosen): string | undefined {
  if (memslots === 2 && frames < 2) return 'two memslots need two frames';
  return range > frames ? 'range is at most the number of frames' : undefined;
}

export function sppKvmSizeOf(chosen: Chosen): SppKvmSize {
  const { subPage, accesses, emulation } = chosen;
  const gfns = framesOf(chosen.frames, chosen.boundary);
  const [first = 0n, ...others] = gfns;
  return {
    ...chosen,
    shape: {
      gfns,
      memslots: chosen.memslots === 2 ? [[first], others] : [gfns],
      vcpus: chosen.vcpus,
      accesses: gfns.flatMap(gfn => accessesOf(gfn, subPage, accesses, emulation)),
      largeBacking: chosen.large,
      cachesTranslations: chosen.tlb,
      vcpusExist: !chosen.late,
    },
    vectors: [FULL_VECTOR, vectorDenying([subPage + 1]), vectorDenying([subPage]), 0].slice(
      0,
      chosen.vectors,
    ),
  };
}
