import { faults, readings, type WalkFault } from '../../model/ept/index.ts';
import type { Mutant } from '../system.ts';

/** The profile that shows a mutant, for those that the sub-page walk does not show. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  ept: [
    'bit-12-of-large-page-unchecked',
    'reserved-bits-is-no-misconfiguration',
    'memory-type-is-no-misconfiguration',
    'pdpte-bits-6-3-unchecked',
    'pde-2m-bits-20-12-unchecked',
    'present-by-bit-10',
    'bit-10-without-control',
    'qualification-writable-never-set',
    'qualification-linearWritable-always-set',
    'qualification-linearNx-never-set',
  ],
  five: ['pml5e-bits-7-3-unchecked', 'pml4e-bits-7-3-unchecked', 'level-5-index-off'],
  mbe: [
    'user-execute-in-bit-13',
    'bit-10-never-present',
    'mode-based-execute-ignored',
    'mode-based-execute-swapped',
    'qualification-executableUser-never-set',
    'qualification-executableUser-always-set',
  ],
  limits: [
    'execute-only-unsupported-is-no-misconfiguration',
    'page-size-unsupported-is-no-misconfiguration',
  ],
  'shadow-stack': [
    'spp-without-condition-not-supervisor-shadow-stack',
    'shadow-stack-read-bit-not-asked',
    'shadow-stack-upper-write-bits-not-asked',
    'shadow-stack-bit-60-not-asked',
    'shadow-stack-leaf-write-bit-asked',
    'shadow-stack-of-user-too',
    'qualification-shadowStackPage-never-set',
  ],
  'shadow-stack-off': ['shadow-stack-without-control'],
  flags: [
    'log-full-whatever-the-flags',
    'page-walk-stays-read',
    'pdpte-load-is-write',
    'accessed-in-leaf-only',
    'flag-update-loses-bit-61',
    'speculative-accessed-flags',
    'dirty-never-set',
    'dirty-by-reads',
    'sub-page-writes-not-dirty',
    'log-full-at-index-511',
    'log-full-never',
    'log-full-for-dirty-only',
    'log-every-accessed-page',
    'log-address-unaligned',
    'log-index-not-decremented',
  ],
  ve: [
    've-without-condition-not-suppressed',
    've-without-condition-protected-mode',
    've-without-condition-no-event-delivery',
    'suppress-ve-of-the-first-entry',
    'qualification-nmiUnblocking-never-set',
    'spp-nmi-unblocking-not-reported',
    've-info-overwritten',
    've-info-whole-word-asked',
    've-info-not-filled',
    've-suppressed-by-clear-bit',
  ],
  entry: [
    'vm-entry-1-unchecked',
    'vm-entry-2-unchecked',
    'vm-entry-3-unchecked',
    'vm-entry-4-unchecked',
    'vm-entry-5-unchecked',
    'vm-entry-6-unchecked',
    'vm-entry-7-unchecked',
    'vm-entry-8-unchecked',
  ],
  bits: [
    'pml5e-bits-51-12-unchecked',
    'pml4e-bits-51-12-unchecked',
    'pdpte-bits-51-12-unchecked',
    'pde-bits-6-3-unchecked',
    'pde-bits-51-12-unchecked',
    'pdpte-1g-bits-51-30-unchecked',
    'pde-2m-bits-51-30-unchecked',
    'pte-bits-51-30-unchecked',
    'pdpte-1g-bits-29-12-unchecked',
    'bit-11-reserved',
    'pte-bit-7-reserved',
    'sppt-bits-51-12-unchecked',
    'sppt-bits-63-52-unchecked',
  ],
};

const profileOf = new Map(
  Object.entries(shownBy).flatMap(([profile, names]) => names.map(name => [name, profile] as const)),
);

/** Every other reading of the sources, and every fault: each must be told from the specification. */
export const walkMutants: readonly (Mutant & WalkFault)[] = [...readings, ...faults].map(fault => {
  const profile = profileOf.get(fault.name);
  return { ...fault, ...(profile !== undefined && { profile }) };
});
