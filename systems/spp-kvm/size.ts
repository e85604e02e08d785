import { guestAccess, subPageBytes } from '../../model/ept/index.ts';
import {
  FULL_VECTOR,
  type GuestAccess,
  gpaOf,
  vectorDenying,
  type VmShape,
} from '../../model/kvm/index.ts';
import type { Parameter, Parameters } from '../system.ts';

/** The dialects that can be explored, by the name that `--set dialect=` takes. */
export const dialectNames = ['normative', '2017', '2019', 'v7'] as const;
export type DialectName = (typeof dialectNames)[number];

const flag = (name: string, about: string): Parameter => ({ name, about, min: 0, max: 1 });

export const parameters: readonly Parameter[] = [
  { name: 'frames', about: 'guest frames', min: 1, max: 4 },
  flag('boundary', 'the frames lie on both sides of a 2-MByte boundary, not all below it'),
  { name: 'vcpus', about: 'vCPUs', min: 1, max: 2 },
  { name: 'vectors', about: 'vectors that user space sets, the full one included', min: 2, max: 4 },
  {
    name: 'accesses',
    about: 'writes to each frame: one sub-page, another, both at once, and a read',
    min: 1,
    max: 4,
  },
  {
    name: 'subPage',
    about: 'the first of the two neighbouring sub-pages that are written',
    min: 0,
    max: 30,
  },
  { name: 'range', about: 'frames of the largest GET and SET', min: 1, max: 4 },
  flag('mixed', 'a SET of several frames may give each another vector'),
  flag('sections', "other things may happen between an ioctl's locked sections"),
  flag('tlb', 'processors cache write grants until a flush'),
  flag('large', 'the host backs the memory with 2-MByte pages'),
  flag('logging', 'dirty logging'),
  flag('tracking', 'access tracking'),
  flag('mm', 'the host unmaps frames and KVM maps them unasked'),
  { name: 'memslots', about: 'memslots that come and go; 0: one that stays', min: 0, max: 2 },
  flag('roots', 'vCPUs free the EPT roots'),
  flag('emulation', 'KVM emulates guest writes'),
  flag('late', 'vCPUs are created after the VM'),
  flag('other', 'another VM on the same host'),
  flag('malformed', 'ioctls with bad arguments'),
  { name: 'dialect', about: 'whose behaviour', min: 0, max: 0, words: dialectNames },
];

const defaults: Readonly<Record<string, number | string>> = {
  frames: 1,
  boundary: 0,
  vcpus: 1,
  vectors: 4,
  accesses: 4,
  subPage: 30,
  range: 1,
  mixed: 0,
  sections: 1,
  tlb: 0,
  large: 0,
  logging: 0,
  tracking: 0,
  mm: 0,
  memslots: 0,
  roots: 0,
  emulation: 0,
  late: 0,
  other: 0,
  malformed: 0,
  dialect: 'normative',
};

/** What a profile asks for, checked. */
export interface SppKvmSize {
  readonly shape: VmShape;
  readonly vectors: readonly number[];
  readonly range: number;
  readonly dialect: DialectName;
  /** Whether memslots are deleted and added. */
  readonly hasMemslots: boolean;
  has(flag: string): boolean;
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

/**
 * @throws RangeError naming the parameter that makes no sense.
 */
export function sizeOf(given: Parameters): SppKvmSize {
  for (const name of Object.keys(given)) {
    if (!(name in defaults)) throw new RangeError(`spp-kvm has no parameter ${name}`);
  }
  const value = (name: string): number => {
    const number = Number(given[name] ?? defaults[name]);
    const { min = 0, max = 0 } = parameters.find(parameter => parameter.name === name) ?? {};
    if (!Number.isInteger(number) || number < min || number > max)
      throw new RangeError(`${name} is a whole number from ${min} to ${max}, not ${String(given[name])}`);
    return number;
  };
  const has = (name: string): boolean => value(name) === 1;
  const dialect = dialectNames.find(name => name === (given['dialect'] ?? 'normative'));
  if (dialect === undefined) throw new RangeError(`dialect is one of ${dialectNames.join(', ')}`);
  const gfns = framesOf(value('frames'), has('boundary'));
  const [first = 0n, ...others] = gfns;
  const subPage = value('subPage');
  if (value('memslots') === 2 && others.length === 0) throw new RangeError('two memslots need two frames');
  if (value('range') > gfns.length) throw new RangeError('range is at most the number of frames');
  return {
    shape: {
      gfns,
      memslots: value('memslots') === 2 ? [[first], others] : [gfns],
      vcpus: value('vcpus'),
      accesses: gfns.flatMap(gfn => accessesOf(gfn, subPage, value('accesses'), has('emulation'))),
      largeBacking: has('large'),
      cachesTranslations: has('tlb'),
      vcpusExist: !has('late'),
    },
    vectors: [FULL_VECTOR, vectorDenying([subPage + 1]), vectorDenying([subPage]), 0].slice(
      0,
      value('vectors'),
    ),
    range: value('range'),
    dialect,
    hasMemslots: value('memslots') > 0,
    has,
  };
}
