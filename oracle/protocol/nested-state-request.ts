import { z } from 'zod';
import { bytesOfHex } from '../../model/bits/index.ts';
import { returnValue } from './values.ts';

/** Bytes of `struct kvm_nested_state` and what follows it, as user space passes them; `null` for a NULL pointer. */
const buffer = z
  .string()
  .transform((text, context) => {
    const bytes = bytesOfHex(text);
    if (bytes !== undefined) return bytes;
    context.addIssue({ code: 'custom', message: 'two hex digits a byte, with or without 0x' });
    return z.NEVER;
  })
  .nullable()
  .meta({ description: 'the memory at the pointer, in hex; null is a NULL pointer' });

const shared = {
  inSmm: z.boolean().default(false),
  maxPhysicalAddressWidth: z.number().int().min(12).max(52).default(46),
  hasMemory: z.boolean().default(true),
  entersL2: z.boolean().default(false).describe("what VM entry's own checks of the vmcs12 or VMCB say"),
};

/** The vCPU when the ioctl comes. What is left out is as the kernel's own test has it. */
const vcpu = z.discriminatedUnion('vendor', [
  z.strictObject({
    vendor: z.literal('vmx'),
    guestVmxCpuid: z.boolean().default(true),
    enlightenedVmcs: z.boolean().default(false),
    ...shared,
  }),
  z.strictObject({ vendor: z.literal('svm'), eferSvme: z.boolean().default(true), ...shared }),
]);

/** The fields of the request `nested_state`: a call of KVM_SET_NESTED_STATE and, where it was seen, what it returned. */
export const nestedStateFields = {
  buffer,
  vcpu: vcpu.prefault({ vendor: 'vmx' }),
  revision: z.enum(['2019', 'newest']).default('newest').describe('which kernel answers'),
  ret: returnValue.optional(),
};
