import { addressHex } from '../../../bits/index.ts';
import type { Call } from '../call-context.ts';
import { type Answer, asked, type CountedCheck, type Inquiry } from '../check.ts';
import type { Range } from '../leaf-table.ts';
import { CountedErrno } from '../outcome.ts';
import { fitsAddressSpace, isMemory, isMmio, isPageAligned } from '../ranges.ts';
import { facts } from '../../../citation.ts';

export const whole = (call: Call): readonly Call[] => [call];

export const guestRange = ({ gpa, size }: Pick<Call, 'gpa' | 'size'>): Range => ({ start: gpa, size });
export const hostRange = ({ pa, size }: Pick<Call, 'pa' | 'size'>): Range => ({ start: pa, size });

export const rangeFound = (what: 'pa' | 'gpa', call: Call): string =>
  `${what} ${addressHex(call[what])}, size ${addressHex(call.size)}`;

/** R1: the arguments make a range of whole pages. */
export function rangeChecks(what: 'pa' | 'gpa', answer: Answer = CountedErrno.EINVAL): Inquiry {
  const check = (
    name: string,
    rule: string,
    holds: (start: bigint, call: Call) => boolean,
  ): CountedCheck<Call> => ({
    name: `${what}.${name}`,
    answer,
    warns: answer === 'nothing',
    rule,
    source: facts.pkvm2026('1.2', 'R1'),
    holds: call => holds(call[what], call),
    found: call => rangeFound(what, call),
  });
  const alsoEmpty = ({ columns }: Call): boolean => columns.rangeCheck === 'alignment, size and end';
  return asked(whole, [
    check('size', 'the size is not 0', (_, { size }) => size !== 0n),
    check(
      'wrap',
      'the range does not wrap',
      (start, call) => !alsoEmpty(call) || fitsAddressSpace(start, call.size),
    ),
    check(
      'aligned',
      'the address and the size are whole pages',
      (start, { size }) => isPageAligned(start) && isPageAligned(size),
    ),
  ]);
}

/** R1 without alignment: share_hyp and unshare_hyp act on all pages that the range touches. */
export const looseRangeChecks = (answer: Answer = CountedErrno.EINVAL): Inquiry =>
  asked(whole, [
    {
      name: 'pa.size',
      answer,
      rule: 'the size is not 0',
      source: facts.pkvm2026('1.2', 'R1'),
      holds: ({ size }) => size !== 0n,
      found: call => rangeFound('pa', call),
    },
    {
      name: 'pa.wrap',
      answer,
      rule: 'the range does not wrap',
      source: facts.pkvm2026('1.2', 'R1'),
      holds: ({ pa, size, columns }) => columns.rangeCheck === 'alignment' || fitsAddressSpace(pa, size),
      found: call => rangeFound('pa', call),
    },
  ]);

const memblock = (answer: Answer): CountedCheck<Call> => ({
  name: 'pa.memblock',
  answer,
  warns: answer === 'nothing',
  rule: 'the whole range lies inside one memblock',
  source: facts.pkvm2026('1.2', 'R2'),
  holds: ({ machine, pa, size }) => isMemory(machine, pa, size),
  found: call => rangeFound('pa', call),
});

/** R2, first half. */
export const inOneMemblock = (answer: Answer = CountedErrno.EINVAL): Inquiry =>
  asked(whole, [memblock(answer)]);

/** A range is RAM of one memblock or no RAM at all. */
export const mixedRange = (answer: Answer): Inquiry =>
  asked(whole, [
    {
      name: 'pa.mixed',
      answer,
      warns: answer === 'nothing',
      rule: 'the range is RAM of one memblock, or touches no RAM',
      source: facts.pkvm2026('1.3', 'mixed -EINVAL'),
      holds: ({ machine, pa, size }) => isMemory(machine, pa, size) || isMmio(machine, pa, size),
      found: call => rangeFound('pa', call),
    },
  ]);

/** The whole range is MMIO: it touches no RAM. */
export const onlyMmio = (): Inquiry =>
  asked(whole, [
    {
      name: 'pa.mmio',
      answer: CountedErrno.EINVAL,
      rule: 'the range touches no RAM',
      source: facts.pkvm2026('1.3', 'whole range MMIO (no RAM page) else -EINVAL'),
      holds: ({ machine, pa, size }) => isMmio(machine, pa, size),
      found: call => rangeFound('pa', call),
    },
  ]);

/** Which kind of VM a call is for; the wrong kind is worth a warning. */
export const vmIs = (kind: 'protected' | 'normal'): Inquiry =>
  asked(whole, [
    {
      name: `vm.${kind}`,
      answer: CountedErrno.EPERM,
      warns: true,
      rule: kind === 'protected' ? 'the VM is protected' : 'the VM is not protected',
      source: facts.pkvm2026('1.3', `VM ${kind === 'protected' ? '' : 'not '}protected else WARN -EPERM`),
      holds: ({ machine, vm }) => machine.vm(vm)?.isProtected === (kind === 'protected'),
      found: ({ vm }) => `VM ${vm} is of the other kind`,
    },
  ]);
