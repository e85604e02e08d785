import { z } from 'zod';
import { countedOperationNames, type Level } from '../../model/pkvm/counted/index.ts';
import { count, flag, hexNumber, type Read, readAs } from './values.ts';

/**
 * `pkvm-2026-record/1`: sequences of calls recorded on the x86 page-state code of 2026, one a line, with the state
 * after each call. Line 1 is the schema and the world that the sequences were made in.
 */
export const x86RecordSchema = 'pkvm-2026-record/1';

const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const leaf = z.tuple([hexNumber, level]).transform(([word, at]) => ({ word, level: at }));
const page = z
  .tuple([count, count, count, count, count, hexNumber, level])
  .transform(([hostState, owner, hypShares, guestShares, refcount, word, at]) => ({
    record: { hostState, owner, hypShares, guestShares, refcount },
    leaf: { word, level: at },
  }));
const memory = z.tuple([count, count]).transform(([memcache, pool]) => ({ memcache, pool }));
const state = z
  .object({ p: z.array(page), m: z.array(leaf), g: z.array(z.array(leaf)), mc: z.array(memory) })
  .transform(({ p, m, g, mc }) => ({ pages: p, mmio: m, guests: g, memory: mc }));
export type RecordedState = z.output<typeof state>;

const sizes: Readonly<Record<'4K' | '2M' | '1G', Level>> = { '4K': 1, '2M': 2, '1G': 3 };
const range = z
  .tuple([hexNumber, hexNumber])
  .transform(([start, end]) => ({ start, end }))
  .refine(({ start, end }) => start < end, 'a range whose end is above its start');
const world = z
  .object({
    ram: range,
    reserved_by_pkvm: range.optional(),
    vms: z.array(z.object({ id: count, protected: z.boolean() })),
    page_size_allowed: z.array(z.enum(['4K', '2M', '1G'])).default(['4K']),
    observed_ram: z.array(hexNumber),
    observed_mmio: z.array(hexNumber),
    observed_gpa: z.array(hexNumber),
  })
  .transform(given => ({
    memblocks: [given.ram],
    reserved: given.reserved_by_pkvm === undefined ? [] : [given.reserved_by_pkvm],
    leafLevels: given.page_size_allowed.map(size => sizes[size]),
    vms: given.vms.map(({ id, protected: isProtected }) => ({ id, isProtected })),
    pages: given.observed_ram,
    mmio: given.observed_mmio,
    gpas: given.observed_gpa,
  }));
export type RecordedWorld = z.output<typeof world>;

const flush = z
  .tuple([z.number().int().min(-1), hexNumber, hexNumber])
  .transform(([who, start, size]) => ({ who: who < 0 ? ('host' as const) : who, start, size }));
const wipe = z.tuple([hexNumber, hexNumber]).transform(([start, size]) => ({ start, size }));

const call = z
  .object({
    op: z.enum(countedOperationNames),
    ret: z.union([z.number().int(), z.null(), z.literal('BUG')]),
    bug_in: z.string().optional(),
    pa: hexNumber.optional(),
    gpa: hexNumber.optional(),
    size: hexNumber.optional(),
    vm: count.optional(),
    writable: flag.optional(),
    clear: flag.optional(),
    mkold: flag.optional(),
    mc: memory.optional(),
    need_mc: count.optional(),
    warn: count.optional(),
    flush: z.array(flush).optional(),
    wipe: z.array(wipe).optional(),
    s: state,
  })
  .transform(({ op, ret, bug_in, mc, need_mc, warn, flush: flushes, wipe: wipes, s, ...args }) => ({
    name: op,
    args,
    result: ret,
    bugIn: bug_in,
    memory: mc,
    needMemcache: need_mc,
    warnings: warn ?? 0,
    flushes: flushes ?? [],
    wipes: wipes ?? [],
    state: s,
  }));
export type RecordedCall = z.output<typeof call>;

const sequence = z.object({
  id: count,
  finalized: z.boolean().default(true),
  init: state,
  calls: z.array(call),
  /** What is other than in the first line of the file. */
  world: world.optional(),
});
export type RecordedSequence = z.output<typeof sequence>;

const header = z.object({ schema: z.literal(x86RecordSchema), world });

/** The world of the first line. */
export const readX86Header = (value: unknown): Read<RecordedWorld> => {
  const read = readAs(header, value);
  return read.ok ? { ok: true, value: read.value.world } : read;
};

/** The world of a file that does not describe one: facts/pkvm-2026.md 4. */
export const usualX86World: RecordedWorld = world.parse({
  ram: ['200000', '800000'],
  reserved_by_pkvm: ['600000', '800000'],
  vms: [
    { id: 0, protected: false },
    { id: 1, protected: false },
    { id: 2, protected: true },
  ],
  observed_ram: ['400000', '401000', '402000', '403000'],
  observed_mmio: ['1fe000', '1ff000', '900000'],
  observed_gpa: ['10000', '11000', '12000'],
});

/** A sequence, any later line. */
export const readX86Sequence = (value: unknown): Read<RecordedSequence> => readAs(sequence, value);
