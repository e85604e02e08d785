import { z } from 'zod';
import { arm64OperationNames, type Stage2LeafLevel } from '../../model/pkvm/counted/arm64/index.ts';
import { count, hexNumber, type Read, readAs } from './values.ts';

/**
 * `pkvm-arm64-live-record/1`: sequences of calls made by hand on a running pKVM of arm64, one a line, with what each
 * call changed. facts/arm64-record.md.
 */
export const arm64RecordSchema = 'pkvm-arm64-live-record/1';

const level = z
  .number()
  .int()
  .min(0)
  .max(3)
  .transform(at => at as Stage2LeafLevel);
const leaf = z.tuple([hexNumber, level]).transform(([word, at]) => ({ word, level: at }));
const recordedPage = z
  .tuple([count, count, count, count, hexNumber, level, z.union([z.literal(0), z.literal(1)])])
  .transform(([host, hyp, shareCount, refcount, word, at, el2]) => ({
    record: { host, hyp, shareCount, refcount },
    leaf: { word, level: at },
    isMappedAtEl2: el2 === 1,
  }));
/** A page that has no record: no RAM. */
const noPage = z
  .tuple([z.null(), z.null(), z.null(), z.null(), hexNumber, level, z.null()])
  .transform(() => undefined);
const page = z.union([recordedPage, noPage]);
export type Arm64RecordedPage = z.output<typeof recordedPage>;
export type Arm64RecordedLeaf = z.output<typeof leaf>;

export const arm64VmNames = ['N', 'P'] as const;
export type Arm64VmName = (typeof arm64VmNames)[number];
const perVm = <T extends z.ZodType>(value: T) => z.object({ N: value, P: value });
const state = z
  .object({ p: z.record(z.string(), page), g: perVm(z.array(leaf)), mc: perVm(count), t: perVm(count) })
  .transform(({ p, g, mc, t }) => ({ pages: p, guests: g, memcache: mc, tables: t }));

/** A number of the recording, which may lie above 2^53: whatever a double holds of it. */
const frame = z
  .number()
  .min(0)
  .refine(value => Number.isInteger(value), 'a whole number')
  .transform(BigInt);

/** What changed: `A` a page, `P2` the leaf of the third frame of P, `mcP` its memcache, `tP` its tables. */
const changes = z.record(z.string(), z.union([page, leaf, count]));

/** `[pfn, old, new]`, or `["...", n]` for n pages between its neighbours. */
const outside = z.array(
  z.union([
    z
      .tuple([hexNumber, hexNumber, hexNumber])
      .transform(([pfn, before, after]) => ({ pfn, before, after })),
    z.tuple([z.literal('...'), count]).transform(([, pages]) => ({ pages })),
  ]),
);

const call = z
  .object({
    op: z.enum(arm64OperationNames),
    ret: z.union([z.number().int(), z.null(), z.literal('PANIC')]),
    pfn: frame.optional(),
    gfn: frame.optional(),
    nr: frame.optional(),
    prot: frame.optional(),
    phys: frame.optional(),
    mkold: z
      .union([z.literal(0), z.literal(1)])
      .transform(value => value === 1)
      .optional(),
    min: count.optional(),
    pfns: z.array(frame).optional(),
    vm: z.enum(arm64VmNames).optional(),
    d: changes.default({}),
    x: outside.default([]),
    wiped: z.array(z.tuple([z.string(), z.string()])).default([]),
  })
  .transform(({ op, ret, vm, d, x, wiped, ...args }) => ({
    name: op,
    result: ret === 'PANIC' ? ('BUG' as const) : ret,
    vm,
    args,
    changes: d,
    outside: x,
    wiped: wiped.map(([name]) => name),
  }));
export type Arm64RecordedCall = z.output<typeof call>;

const sequence = z.object({
  id: count,
  run: z.string(),
  cpu: z.string(),
  mode: z.string(),
  ipa_bits: z.number().int().min(32).max(52),
  world: z.record(z.string(), hexNumber),
  gfn: z.array(hexNumber),
  init: state,
  calls: z.array(call),
});
export type Arm64Sequence = z.output<typeof sequence>;

/** What every file of this schema was recorded on: 512 MiB at 1 GiB, and the hypervisor's pool in it. */
export const arm64Recorded = {
  memblocks: [{ start: 0x4000_0000n, end: 0x6000_0000n }],
  /** facts/arm64-live.md 6, "pool 0x5f600000-0x5fe00000 (2048)". */
  hypPool: { start: 0x5f60_0000n, end: 0x5fe0_0000n },
  /** Processors without FEAT_XNX, which came with version 8.2 of the architecture. */
  withoutXnx: ['cortex-a53', 'cortex-a57', 'cortex-a72'],
  /** "VM handle" of the VM that is made first. facts/arm64-live.md 8. */
  firstHandle: 0x1000,
} as const;

export const readArm64Header = (value: unknown): Read<object> =>
  readAs(z.object({ schema: z.literal(arm64RecordSchema) }), value);
export const readArm64Sequence = (value: unknown): Read<Arm64Sequence> => readAs(sequence, value);
