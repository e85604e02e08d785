import type { Word } from '../bits/index.ts';
import type { Access } from './access.ts';
import type { Cpu } from './cpu.ts';
import { Eptp } from './eptp.ts';

/** What an access asks of the EPT: facts 2, step 1. */
export interface Demand {
  readonly access: Access;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Enforced as a supervisor shadow-stack access: EPTP bit 7 is 1. Otherwise it is a plain read or write. */
  readonly supervisorShadowStack: boolean;
}

/** Whether an access only updates or loads guest paging structures through a linear address. */
const isGuestPagingStructure = ({ pageWalk, linearValid }: Access): boolean => pageWalk && linearValid;

/**
 * What an access asks for. With accessed and dirty flags enabled, "processor accesses to guest paging-structure
 * entries are treated as writes" (SDM vol. 3C, "Accessed and Dirty Flags for EPT"); the loads of PDPTEs by MOV to
 * CR, which have no linear address, stay reads.
 */
export function demandOf(access: Access, { eptp }: Pick<Cpu<Word>, 'eptp'>): Demand {
  const { kind } = access;
  const isShadowStack = kind === 'shadow_stack_read' || kind === 'shadow_stack_write';
  const countsAsWrite = Eptp.get(eptp, 'accessedDirty') && isGuestPagingStructure(access);
  return {
    access,
    read: kind === 'read' || kind === 'shadow_stack_read',
    write: kind === 'write' || kind === 'rmw' || kind === 'shadow_stack_write' || countsAsWrite,
    execute: kind === 'execute',
    supervisorShadowStack:
      isShadowStack && access.supervisorShadowStack && Eptp.get(eptp, 'supervisorShadowStack'),
  };
}
