import { z } from 'zod';
import { count, type Read, readAs } from './values.ts';

/**
 * `intel-machine-record/1`: what a processor did, one VM entry a line, as the bootable test hypervisor prints it
 * (suites/boot/hypervisor). Line 1 says what the processor can do, the last line how many cases it ran.
 */
export const intelMachineSchema = 'intel-machine-record/1';

const word = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/, 'expected a 64-bit number such as "0x1007"')
  .transform(BigInt);
const words = z
  .record(z.string().regex(/^0x[0-9a-f]{0,15}[08]$/, 'expected an address that is a multiple of 8'), word)
  .transform(
    found => new Map(Object.entries(found).map(([address, value]) => [BigInt(address), value] as const)),
  );
const off = z.boolean().default(false);
const on = z.boolean().default(true);

const access = z.strictObject({
  kind: z.enum(['read', 'write', 'rmw', 'execute']),
  gpa: word.refine(gpa => gpa < 1n << 52n, 'expected a guest-physical address of at most 52 bits'),
  gla: word,
  size: z.int().min(1).max(8),
  pageWalk: off,
  userMode: off,
  guestWritable: on,
  guestNx: off,
});
export type RecordedAccess = z.output<typeof access>;

const refused = z.strictObject({ instructionError: count });
const exited = z.strictObject({
  reason: count,
  entryFailure: off,
  qualification: word,
  gpa: word,
  gla: word,
  interruption: word.optional(),
  pmlIndex: count.optional(),
  /** The words of the tables that are other than before. */
  after: words,
  /** Where bytes were stored: the first of each run. */
  stored: z.array(word),
});
export type RecordedExit = z.output<typeof exited>;
export type RecordedEntry = z.output<typeof refused> | RecordedExit;

const entry = z.strictObject({
  id: z.string(),
  eptp: word,
  spptp: word,
  controls: z.strictObject({ spp: off, mbe: off, eptViolationVe: off, pml: off }),
  state: z
    .strictObject({ pmlIndex: z.int().min(0).max(0xffff), pmlAddress: word, veInfoAddress: word })
    .optional(),
  memory: words,
  access,
  /** A second access in the same VM entry. */
  then: access.optional(),
  observed: z.union([exited, refused]),
});
/** One VM entry: what was built, what the guest did, what came of it. */
export type IntelMachineEntry = z.output<typeof entry>;

const header = z.object({
  schema: z.literal(intelMachineSchema),
  cpuid1: word,
  maxphyaddr: z.int().min(32).max(52),
  vmxBasic: word,
  secondaryControls: word,
  eptVpidCap: word,
  cases: count,
});
export type IntelMachineHeader = z.output<typeof header>;

const end = z.object({ done: count, leftOut: z.record(z.string(), count) });
export type IntelMachineEnd = z.output<typeof end>;
const problem = z.object({ error: z.string() });

/** A line after the first. */
export type IntelMachineLine =
  | { readonly is: 'entry'; readonly entry: IntelMachineEntry }
  | { readonly is: 'end'; readonly end: IntelMachineEnd }
  | { readonly is: 'problem'; readonly error: string };

export const readIntelMachineHeader = (value: unknown): Read<IntelMachineHeader> => readAs(header, value);

export function readIntelMachineLine(value: object): Read<IntelMachineLine> {
  const as = <T>(schema: z.ZodType<T>, line: (found: T) => IntelMachineLine): Read<IntelMachineLine> => {
    const read = readAs(schema, value);
    return read.ok ? { ok: true, value: line(read.value) } : read;
  };
  if ('done' in value) return as(end, found => ({ is: 'end', end: found }));
  if ('error' in value) return as(problem, ({ error }) => ({ is: 'problem', error }));
  return as(entry, found => ({ is: 'entry', entry: found }));
}
