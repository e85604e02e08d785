import { z } from 'zod';
import { bytesOfHex } from '../../../model/bits/index.ts';
import { errnoText } from '../../../model/kvm/errno.ts';
import { validate } from '../../../model/kvm/nested-state/index.ts';
import { verdictOf } from '../../step/index.ts';
import { envelope, operation } from '../operation.ts';
import { returnValue } from '../values.ts';

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

const schema = z.strictObject({
  ...envelope('nested_state'),
  buffer,
  vcpu: vcpu.prefault({ vendor: 'vmx' }),
  revision: z
    .enum(['before-323d73a8ecad', '2019', 'newest'])
    .default('newest')
    .describe(
      'which kernel answers: one without commit 323d73a8ecad (August 2019), whose old name is 2019',
    ),
  ret: returnValue.optional(),
});

/** What KVM_SET_NESTED_STATE answers to a buffer, and where its result was seen, whether that is what it may be. */
export const nestedState = operation({
  schema,
  help: '{"buffer": "hex" | null, "vcpu": {"vendor": "vmx" | "svm"}, "revision", "ret"}: KVM_SET_NESTED_STATE',
  answer: ({ buffer: memory, vcpu: host, revision, ret }, conversation) => {
    const kernel = revision === 'newest' ? 'newest' : '2019';
    const { errno, rule, why, source } = validate(memory, host, kernel);
    const answer = {
      ret: errno,
      errno: errno === 0 ? null : errnoText(errno).slice(1),
      rule,
      revision: kernel === 'newest' ? kernel : 'before-323d73a8ecad',
      why,
      source,
      dialect: conversation.hash,
    };
    if (ret === undefined) return answer;
    const differences = ret === errno ? [] : [{ at: 'ret', observed: String(ret), allowed: String(errno) }];
    const kind = differences.length === 0 ? 'allowed' : 'forbidden';
    conversation.saw(verdictOf(kind, 'nested_state', `${rule}: ${why}`, { differences }));
    return { verdict: kind, ...answer, ...(kind === 'forbidden' && { differences }) };
  },
});
