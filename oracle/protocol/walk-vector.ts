import { z } from 'zod';
import { type Access, accessKinds, type Cpu } from '../../model/ept/index.ts';
import { type SparseMemory, sparseMemory } from '../../model/memory/index.ts';

const hexDigits = /^0x[0-9a-fA-F]{1,16}$/;

/** A 64-bit word or an address as a file spells it: `"0x1007"`. */
const hexWord = z
  .string()
  .regex(hexDigits, 'expected a hexadecimal 64-bit number such as "0x1007"')
  .transform(BigInt);

/** What a memory file and a vector hold: physical address, a multiple of 8, to 64-bit word. */
const memoryWords = z.record(
  z
    .string()
    .regex(
      /^0x[0-9a-fA-F]{0,15}[08]$/,
      'expected a hexadecimal address that is a multiple of 8, such as "0x10008"',
    ),
  z.string().regex(hexDigits, 'expected a hexadecimal 64-bit word such as "0x1007"'),
);

const off = z.boolean().default(false);
const on = z.boolean().default(true);
const noAddress = hexWord.prefault('0x0');
const sixteenBits = z.int().min(0).max(0xffff);

/**
 * One guest access and all that decides it: a line of `walk --jsonl`. Controls that are left out are off and
 * capabilities are there, but for 5-level walks: a processor is not taken to have those unless the line says so.
 */
export const walkVector = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  maxphyaddr: z.int().min(12).max(52).default(52),
  eptp: hexWord,
  spptp: noAddress,
  controls: z
    .object({
      spp: off,
      mbe: off,
      eptViolationVe: off,
      pml: off,
      executeOnly: on,
      twoMPages: on,
      oneGPages: on,
      fourLevelWalk: on,
      fiveLevelWalk: off,
      uncacheableEpt: on,
      writeBackEpt: on,
      eptAdSupported: on,
      cet: on,
      advEptInfo: on,
    })
    .prefault({}),
  state: z
    .object({
      nmiUnblockingIret: off,
      eventDelivery: off,
      protectedMode: on,
      pmlIndex: sixteenBits.default(511),
      pmlAddress: noAddress,
      veInfoAddress: noAddress,
      eptpIndex: sixteenBits.default(0),
    })
    .prefault({}),
  memory: memoryWords,
  access: z.object({
    kind: z.enum(accessKinds),
    gpa: hexWord.refine(gpa => gpa < 1n << 52n, 'expected a guest-physical address of at most 52 bits'),
    gla: noAddress,
    size: z.int().min(1).default(1),
    linearValid: on,
    pageWalk: off,
    userMode: off,
    guestWritable: on,
    guestNx: off,
    supervisorShadowStack: off,
  }),
});
export type WalkVector = z.infer<typeof walkVector>;

/** The memory, processor and access of a vector, in which a word that is not listed is zero. */
export function fromVector(vector: WalkVector): { memory: SparseMemory; cpu: Cpu; access: Access } {
  const { maxphyaddr, eptp, spptp, controls, state, access } = vector;
  const words = Object.entries(vector.memory).map(([at, word]) => [BigInt(at), BigInt(word)] as const);
  return {
    memory: sparseMemory(words, 'zero'),
    cpu: { maxPhysicalAddressWidth: maxphyaddr, eptp, spptp, controls, capabilities: controls, state },
    access,
  };
}
