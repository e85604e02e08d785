import type { Access, Cpu } from '../../model/ept/index.ts';

/** One VM entry: the words of its tables, the processor's fields, and one access or two that the guest makes. */
export interface BootCase {
  readonly id: string;
  readonly cpu: Cpu;
  readonly words: ReadonlyMap<bigint, bigint>;
  readonly accesses: readonly [Access] | readonly [Access, Access];
}

/** Why no instruction of the guest makes this access by itself; `undefined` where one does. */
export function unmakeable({
  kind,
  size,
  linearValid,
  pageWalk,
  guestWritable,
  guestNx,
  gpa,
}: Access): string | undefined {
  if (!linearValid) return 'an access without a linear address';
  if (kind === 'shadow_stack_read' || kind === 'shadow_stack_write') return 'a shadow-stack access';
  if (pageWalk && gpa % 8n !== 0n) return 'a paging-structure access that is not to a whole entry';
  if (pageWalk) return undefined;
  if (kind === 'execute') return guestNx ? "an access that the guest's own tables refuse" : undefined;
  if (![1, 2, 4, 8].includes(size)) return `an access of ${size} bytes`;
  if ((gpa % 4096n) + BigInt(size) > 4096n) return 'an access over the end of a page';
  return kind !== 'read' && !guestWritable ? "an access that the guest's own tables refuse" : undefined;
}

/**
 * The case of a walk. A guest's page-table entry is read, and as the hypervisor's has no accessed flag it is then set: two
 * accesses.
 * A VMCALL is fetched, three bytes.
 */
export function caseOf(id: string, cpu: Cpu, words: ReadonlyMap<bigint, bigint>, access: Access): BootCase {
  if (access.pageWalk) {
    const walk = { ...access, size: 8 };
    return {
      id,
      cpu,
      words,
      accesses: [
        { ...walk, kind: 'read' },
        { ...walk, kind: 'write' },
      ],
    };
  }
  return { id, cpu, words, accesses: [access.kind === 'execute' ? { ...access, size: 3 } : access] };
}
